/** The globals that virtual time replaces, and how they are put back by identity when a run ends. */
import { promisify } from 'node:util';
import type { Callback } from './owned-timer.ts';

export const governedGlobals = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
] as const;

/** Remembers what fake-timers replaces, down to the property descriptors. Returns what puts all of it back. */
export function rememberGlobals(): () => void {
  const descriptors = governedGlobals.map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  const hrtime = Object.getOwnPropertyDescriptor(process, 'hrtime');
  return () => {
    for (const [name, descriptor] of descriptors) {
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
    }
    if (hrtime !== undefined) Object.defineProperty(process, 'hrtime', hrtime);
  };
}

/** Gives the timer function that is global now the promise form that `util.promisify` looks for. */
export function definePromisified(name: 'setTimeout' | 'setImmediate', value: Callback): void {
  Object.defineProperty(globalThis[name], promisify.custom, { configurable: true, value });
}

/** Node's rule: what is not a number from 1 to 2^31 - 1 becomes 1 (`timers.md`). */
export function toDelayMs(delay: unknown): number {
  const ms = Math.trunc(Number(delay));
  return ms >= 1 && ms <= 2_147_483_647 ? ms : 1;
}

export function assertCallback(callback: unknown): asserts callback is Callback {
  if (typeof callback === 'function') return;
  const error: NodeJS.ErrnoException = new TypeError(
    `The "callback" argument must be of type function. Received ${String(callback)}`,
  );
  error.code = 'ERR_INVALID_ARG_TYPE';
  throw error;
}
