/**
 * Ends an event that never returns. `timeout` of a script is the one way to end JavaScript that runs for ever without
 * another process, and it counts real time; whether the event hangs is decided by the CPU time that it used. A machine
 * that is busy with other work gives this process only a share of that, so real time is allowed accordingly.
 */
import { availableParallelism, loadavg } from 'node:os';
import { Script } from 'node:vm';
import { realCpuMs, realNowMs } from './real-time.ts';

/** A turn of the event loop that was ended by force. */
export interface Ended {
  readonly kind: 'hang' | 'stopped';
  /** CPU time that the process used during the turn. */
  readonly ranMs: number;
}

const turnKey = Symbol.for('leaktight.sim.turn');
const guardedTurn = new Script(`globalThis[Symbol.for('leaktight.sim.turn')]()`);

/** Real time is allowed a little beyond CPU time: a turn also waits for the threads that collect garbage. */
const margin = 1.25;
/** The largest allowance for a busy machine. A turn that ran for less than a share of 1 in 20 was stopped, not slow. */
const slownessMax = 20;
/** Shorter turns say nothing about the share of the CPU that this process gets. */
const measurableMs = 5;

/** Real milliseconds for one of CPU time, as measured of late. Rises at once and falls slowly. */
let slowness = 1;

/** Runs `turn`. Returns how it was ended, if it did not return in time. */
export function runGuarded(turn: () => void, hangAfterMs: number): Ended | undefined {
  const holder = globalThis as { [turnKey]?: () => void };
  holder[turnKey] = turn;
  const startedMs = realNowMs();
  const startedCpuMs = realCpuMs();
  const timeout = Math.ceil(hangAfterMs * margin * allowance());
  try {
    guardedTurn.runInThisContext({ timeout, displayErrors: false });
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const ranMs = realCpuMs() - startedCpuMs;
    return { kind: ranMs < hangAfterMs ? 'stopped' : 'hang', ranMs };
  } finally {
    delete holder[turnKey];
    measure(realNowMs() - startedMs, realCpuMs() - startedCpuMs);
  }
}

/** Real milliseconds that one of CPU time may take now. */
function allowance(): number {
  const [load = 0] = loadavg();
  const shared = load / availableParallelism();
  return Math.min(slownessMax, Math.max(1, shared, slowness));
}

function measure(tookMs: number, ranMs: number): void {
  if (tookMs < measurableMs) return;
  const measured = Math.max(1, tookMs / ranMs);
  if (measured > slownessMax) return;
  slowness = Math.max(measured, 1 + (slowness - 1) * 0.8);
}
