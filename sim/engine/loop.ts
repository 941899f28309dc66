/**
 * Drives an engine through virtual time, in batches within turns of the real event loop: ticks and microtasks can only be
 * drained from outside all of them. Names an event that never returns; the hang guard ends it.
 */
import { AsyncResource } from 'node:async_hooks';
import { canDrainAtOnce, drainTicks } from './drain.ts';
import type { Engine } from './engine.ts';
import { SimulationError } from './errors.ts';
import { type Ended, runGuarded } from './hang-guard.ts';
import { realNowMs, realSetImmediate } from './real-time.ts';

export interface LoopOptions {
  /**
   * Milliseconds of CPU time after which an event that has not returned ends the run. On a busy machine that takes
   * longer in real time. Where far more real time passes than the process runs for (a signal stopped it, a container was
   * frozen, the event waits for something), that is another failure than a hang: see `engineInvariants.stopped`.
   *
   * @default 10_000
   */
  readonly hangAfterMs?: number | undefined;
  /** How ticks and microtasks are drained. @default 'at-once' where Node allows it */
  readonly drain?: 'at-once' | 'by-turn' | undefined;
  /**
   * `each-run` sets the watchdog up for every run. `shared` keeps one watchdog over as many runs as fit into a moment,
   * which is much cheaper for a campaign, but also watches what the caller does between two runs: it must not take as
   * long as `hangAfterMs`.
   *
   * @default 'each-run'
   */
  readonly watchdog?: 'each-run' | 'shared' | undefined;
}

/** How long a turn may keep the real event loop waiting: long enough to cost nothing, short enough for Ctrl-C. */
const turnMs = 50;

/** Lets everything happen that is due up to and including `untilMs`, then moves the clock there. */
export function runUntil(
  engine: Engine,
  untilMs: number,
  options: LoopOptions = {},
): Promise<void> {
  const atOnce = canDrainAtOnce && options.drain !== 'by-turn';
  const { promise, resolve, reject } = withResolvers();
  const work: Work = {
    engine,
    hangAfterMs: options.hangAfterMs ?? 10_000,
    shares: atOnce && options.watchdog === 'shared',
    batch: atOnce ? () => runManyEvents(engine, untilMs) : oneEventATurn(engine, untilMs),
    resolve() {
      if (engine.crash === undefined && !engine.halted) engine.moveTo(untilMs);
      resolve();
    },
    reject,
  };
  waiting.push(work);
  if (waiting.length === 1 && !inTurn) planTurn();
  return promise;
}

/** A phase of a run that is not over. */
interface Work {
  readonly engine: Engine;
  readonly hangAfterMs: number;
  readonly shares: boolean;
  /** Lets some events happen. Returns whether the phase is over. */
  batch(): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** At most one, since a run owns the process; the next one is put here while its turn lasts. */
const waiting: Work[] = [];
let inTurn = false;

/**
 * Made when this module is loaded, outside all runs. A turn that ended with an error leaves the context of the code that
 * threw behind, and what is planned there would belong to a host of a run that is over.
 */
const outside = new AsyncResource('leaktight.sim.loop');

function planTurn(): void {
  outside.runInAsyncScope(realSetImmediate, undefined, turn);
}

/** One turn of the real event loop. */
function turn(): void {
  const work = waiting[0];
  if (work === undefined) return;
  inTurn = true;
  try {
    const ended = runGuarded(() => runTurn(realNowMs()), work.hangAfterMs);
    // A script that was ended by force leaves Node's stack of asynchronous contexts as it was. Node clears it when an
    // error reaches it, so one does.
    if (ended !== undefined) throw nameHang(work, ended);
  } finally {
    inTurn = false;
    if (waiting.length > 0) planTurn();
  }
}

function runTurn(startedMs: number): void {
  for (let work = waiting[0]; work !== undefined; work = waiting[0]) {
    if (!isOver(work)) return;
    waiting.shift();
    work.resolve();
    if (!work.shares) return;
    // What follows from the end of this phase, up to the beginning of the next, belongs to this turn.
    drainTicks();
    if (realNowMs() - startedMs > turnMs) return;
  }
}

function isOver(work: Work): boolean {
  try {
    return work.batch();
  } catch (error) {
    // What a tick of the run threw goes on to Node, which unwinds its own state; the phase is over in the next turn.
    if (work.engine.threwInDrain) throw error;
    waiting.shift();
    work.reject(error);
    return false;
  }
}

/** A loop without end uses CPU time whenever it may, also on a busy machine. What did not run has not shown a hang. */
function nameHang({ engine, hangAfterMs }: Work, { kind, ranMs }: Ended): SimulationError {
  const event = `${engine.event} ${engine.lastEvent}`;
  const hang =
    kind === 'hang'
      ? new SimulationError(
          'ERR_SIM_HANG',
          `an event did not return within ${hangAfterMs} milliseconds of CPU time: ${event}`,
        )
      : new SimulationError(
          'ERR_SIM_STOPPED',
          `an event did not return, and of its ${hangAfterMs} milliseconds of CPU time the process ran for ${Math.round(ranMs)}: it was stopped, or waits for something: ${event}`,
        );
  engine.stop(hang);
  engine.refuseTicks();
  return hang;
}

function runManyEvents(engine: Engine, untilMs: number): boolean {
  const startedMs = realNowMs();
  if (engine.crash !== undefined) return true;
  // What an earlier turn left behind (the caller's own promises) must not run inside an event.
  engine.drain();
  for (;;) {
    if (engine.isQuietUntil(untilMs)) return true;
    engine.fireNext();
    engine.drain();
    engine.finishEvent();
    // After every event: the watchdog allows its time to one event, not to many slow ones together.
    if (realNowMs() - startedMs > turnMs) return false;
  }
}

/** For a Node that cannot drain at once: an event, a turn of the real event loop that drains, the next event. */
function oneEventATurn(engine: Engine, untilMs: number): () => boolean {
  let unfinished = false;
  return () => {
    if (unfinished) engine.finishEvent();
    unfinished = false;
    if (engine.isQuietUntil(untilMs)) return true;
    engine.fireNext();
    unfinished = true;
    return false;
  };
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers() {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
