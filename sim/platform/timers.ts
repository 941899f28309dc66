/**
 * `node:timers` and `node:timers/promises`, whose named imports are bound once for the whole process: they must lead to
 * the real function between runs and to the virtual one during a run. fake-timers replaces the properties of these
 * modules for the time of a run, which named imports do not see; so the named import is this, and asks anew each time.
 * The globals are the same functions, so that one which a module captured before a run is governed in it as well.
 */
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { activeRun } from '../process/active-run.ts';

type AnyFunction = (...args: unknown[]) => unknown;

export function installTimerShims(): void {
  for (const name of [
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'clearImmediate',
  ] as const) {
    const isGlobal = globalThis[name] === timers[name];
    const shim = delegate(timers, name, () => globalThis[name] as AnyFunction);
    if (isGlobal) Object.assign(globalThis, { [name]: shim });
  }
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
    const shim: AnyFunction = delegate(timersPromises, name, () => {
      const current = timersPromises[name] as AnyFunction;
      return current === shim ? undefined : current;
    });
  }
}

function delegate<M extends object, K extends keyof M & string>(
  target: M,
  name: K,
  virtual: () => AnyFunction | undefined,
): AnyFunction {
  const real = target[name] as AnyFunction;
  // What a virtual function has for the platform's own is this: it clears the timers that were made before the run.
  let isAsked = false;
  const shim: AnyFunction = (...args) => {
    const governed = activeRun() === undefined || isAsked ? undefined : virtual();
    if (governed === undefined || governed === shim) return real(...args);
    isAsked = true;
    try {
      return governed(...args);
    } finally {
      isAsked = false;
    }
  };
  const custom = Object.getOwnPropertyDescriptor(real, promisify.custom);
  if (custom !== undefined) Object.defineProperty(shim, promisify.custom, custom);
  Object.defineProperty(shim, 'name', { value: name });
  Object.assign(target, { [name]: shim });
  return shim;
}
