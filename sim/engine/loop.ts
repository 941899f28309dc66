/**
 * Drives a world through virtual time, in batches within turns of the real event loop: ticks and microtasks can only be
 * drained from outside all of them. A watchdog in real time ends an event that never returns, and names it.
 */
import { AsyncResource } from 'node:async_hooks';
import { Script } from 'node:vm';
import { realCpuMs, realNowMs, realSetImmediate } from '../platform/time.ts';
import type { World } from '../run/world.ts';
import { canDrainAtOnce, drainTicks } from './drain.ts';
import { SimulationError } from './errors.ts';

export interface LoopOptions {
  /**
   * Real milliseconds after which an event that has not returned ends the run. Where the process itself ran for less than
   * a quarter of them (a signal stopped it, a container was frozen), that is another failure than a hang: see
   * `engineInvariants.stopped`.
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
export function runUntil(world: World, untilMs: number, options: LoopOptions = {}): Promise<void> {
  const atOnce = canDrainAtOnce && options.drain !== 'by-turn';
  const { promise, resolve, reject } = withResolvers();
  const work: Work = {
    world,
    hangAfterMs: options.hangAfterMs ?? 10_000,
    shares: atOnce && options.watchdog === 'shared',
    batch: atOnce ? () => runManyEvents(world, untilMs) : oneEventATurn(world, untilMs),
    resolve() {
      if (world.crash === undefined && !world.halted) world.moveTo(untilMs);
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
  readonly world: World;
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

const turnKey = Symbol.for('leaktight.sim.turn');
/** `timeout` of `runInThisContext` is the one way to end JavaScript that never returns, without another process. */
const guardedTurn = new Script(`globalThis[Symbol.for('leaktight.sim.turn')]()`);

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
  const holder = globalThis as { [turnKey]?: () => void };
  holder[turnKey] = () => runTurn(realNowMs());
  inTurn = true;
  const startedCpuMs = realCpuMs();
  try {
    guardedTurn.runInThisContext({ timeout: work.hangAfterMs, displayErrors: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    // A script that was ended by force leaves Node's stack of asynchronous contexts as it was. Node clears it when an
    // error reaches it, so one does.
    throw nameHang(work, realCpuMs() - startedCpuMs);
  } finally {
    delete holder[turnKey];
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
    if (work.world.threwInDrain) throw error;
    waiting.shift();
    work.reject(error);
    return false;
  }
}

/** A loop without end runs whenever it may, also on a busy machine. Who did not run has not shown that it hangs. */
function nameHang({ world, hangAfterMs }: Work, ranMs: number): SimulationError {
  const late = `an event did not return within ${hangAfterMs} real milliseconds`;
  const event = `${world.event} ${world.lastEvent}`;
  const hang =
    ranMs < hangAfterMs / 4
      ? new SimulationError(
          'ERR_SIM_STOPPED',
          `${late}, of which the process ran for ${Math.round(ranMs)}: it was stopped, or waits for something: ${event}`,
        )
      : new SimulationError('ERR_SIM_HANG', `${late}: ${event}`);
  world.escape(hang);
  world.refuseTicks();
  return hang;
}

function runManyEvents(world: World, untilMs: number): boolean {
  const startedMs = realNowMs();
  if (world.crash !== undefined) return true;
  // What an earlier turn left behind (the caller's own promises) must not run inside an event.
  world.drain();
  for (;;) {
    if (world.isQuietUntil(untilMs)) return true;
    world.fireNext();
    world.drain();
    world.finishEvent();
    // After every event: the watchdog allows its time to one event, not to many slow ones together.
    if (realNowMs() - startedMs > turnMs) return false;
  }
}

/** For a Node that cannot drain at once: an event, a turn of the real event loop that drains, the next event. */
function oneEventATurn(world: World, untilMs: number): () => boolean {
  let unfinished = false;
  return () => {
    if (unfinished) world.finishEvent();
    unfinished = false;
    if (world.isQuietUntil(untilMs)) return true;
    world.fireNext();
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
