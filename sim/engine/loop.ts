/**
 * Drives a world through virtual time, in batches within turns of the real event loop: ticks and microtasks can only be
 * drained from outside all of them. A watchdog in real time ends an event that never returns, and names it.
 */
import { Script } from 'node:vm';
import { SimulationError } from './errors.ts';
import { realNowMs, realSetImmediate } from './shims/time.ts';
import { canDrainAtOnce, type World } from './world.ts';

export interface LoopOptions {
  /** Real milliseconds after which an event that has not returned ends the run. @default 10_000 */
  readonly hangAfterMs?: number | undefined;
  /** How ticks and microtasks are drained. @default 'at-once' where Node allows it */
  readonly drain?: 'at-once' | 'by-turn' | undefined;
}

/** How long a batch may keep the real event loop waiting: long enough to cost nothing, short enough for Ctrl-C. */
const batchMs = 25;
const eventsBetweenLooks = 64;

const batchKey = Symbol.for('leaktight.sim.batch');
/** `timeout` of `runInThisContext` is the one way to end JavaScript that never returns, without another process. */
const runBatch = new Script(`globalThis[Symbol.for('leaktight.sim.batch')]()`);

/** Lets everything happen that is due up to and including `untilMs`, then moves the clock there. */
export function runUntil(world: World, untilMs: number, options: LoopOptions = {}): Promise<void> {
  const atOnce = canDrainAtOnce && options.drain !== 'by-turn';
  const batch = atOnce ? () => runManyEvents(world, untilMs) : oneEventATurn(world, untilMs);
  const timeout = options.hangAfterMs ?? 10_000;
  return new Promise((resolve, reject) => {
    const turn = () => {
      try {
        if (!guarded(world, batch, timeout)) {
          realSetImmediate(turn);
          return;
        }
        if (world.crash === undefined && !world.halted) world.moveTo(untilMs);
        resolve();
      } catch (error) {
        const ofTheRun = world.crash !== undefined && world.crash.error === error;
        if (!ofTheRun) {
          reject(error);
          return;
        }
        realSetImmediate(turn);
        // To Node, which hands it to the handler of the run and unwinds its own state.
        throw error;
      }
    };
    realSetImmediate(turn);
  });
}

/** Returns whether the phase is over. */
type Batch = () => boolean;

function guarded(world: World, batch: Batch, timeout: number): boolean {
  const holder = globalThis as { [batchKey]?: Batch };
  holder[batchKey] = batch;
  try {
    return runBatch.runInThisContext({ timeout, displayErrors: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    world.escape(
      new SimulationError(
        'ERR_SIM_HANG',
        `an event did not return within ${timeout} real milliseconds: ${world.lastEvent}`,
      ),
    );
    return true;
  } finally {
    delete holder[batchKey];
  }
}

function runManyEvents(world: World, untilMs: number): boolean {
  const startedMs = realNowMs();
  // What an earlier turn left behind (the caller's own promises) must not run inside an event.
  world.drain();
  for (let count = 1; ; count++) {
    if (world.isQuietUntil(untilMs)) return true;
    world.fireNext();
    world.drain();
    world.finishEvent();
    if (count % eventsBetweenLooks === 0 && realNowMs() - startedMs > batchMs) return false;
  }
}

/** For a Node that cannot drain at once: an event, a turn of the real event loop that drains, the next event. */
function oneEventATurn(world: World, untilMs: number): Batch {
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
