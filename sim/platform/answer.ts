/** Work of Node's thread pool during a run: done at once, and answered as an event of its own, later. */
import { AsyncResource } from 'node:async_hooks';
import { promisify } from 'node:util';
import { activeRun } from '../process/active-run.ts';

export type AnyFunction = (...args: unknown[]) => unknown;

/** Calls `work` now and `callback` with what comes of it later, in the asynchronous context of the caller. */
export function answerLater(work: () => unknown[], callback: AnyFunction): void {
  let answer: unknown[];
  try {
    answer = [null, ...work()];
  } catch (error) {
    answer = [error];
  }
  const run = activeRun();
  run?.completeWork(AsyncResource.bind(() => void callback(...answer)));
}

/** The same as a promise. */
export function promiseLater<T>(work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    answerLater(
      () => [work()],
      (error, value) => {
        if (error === null) resolve(value as T);
        else reject(error);
      },
    );
  });
}

/** Replaces a function of a module by one that is like it from outside. */
export function replace(
  target: object,
  name: string,
  make: (real: AnyFunction) => AnyFunction,
): void {
  const real: unknown = Reflect.get(target, name);
  if (typeof real !== 'function') return;
  const shim = make(real as AnyFunction);
  // `util.promisify` finds here how it is to be done.
  for (const symbol of Object.getOwnPropertySymbols(real)) {
    const descriptor = Object.getOwnPropertyDescriptor(real, symbol);
    if (descriptor === undefined) continue;
    if (symbol === promisify.custom) descriptor.value = make(descriptor.value);
    Object.defineProperty(shim, symbol, { ...descriptor, configurable: true });
  }
  Object.defineProperty(shim, 'name', { value: real.name });
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable: descriptor?.enumerable ?? true,
    writable: true,
    value: shim,
  });
}
