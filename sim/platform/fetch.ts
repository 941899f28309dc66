/**
 * `fetch`, and the global `WebSocket` and `EventSource` where Node has them. They share one pool of connections, and
 * timers, across the whole process: what one run left there would reach into the next, and hosts would share it too. So
 * they are refused during a run, rather than simulated badly.
 */
import { activeRun, refuseEscape } from '../process/active-run.ts';

type AnyFunction = (...args: unknown[]) => unknown;

const instead = 'its connections outlive a run; use node:http or the ws package';

export function installFetchShims(): void {
  const realFetch = globalThis.fetch as AnyFunction;
  const shim: AnyFunction = (...args) => {
    if (activeRun() !== undefined) refuseEscape('fetch()', instead);
    return realFetch(...args);
  };
  Object.defineProperty(shim, 'name', { value: 'fetch' });
  Object.assign(globalThis, { fetch: shim });
  for (const name of ['WebSocket', 'EventSource']) refuseConstruction(name);
}

/** Node loads these classes when code first reads them, and that stays so. */
export function refuseConstruction(
  name: string,
  why = instead,
  isRefused = () => activeRun() !== undefined,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
  if (descriptor === undefined || descriptor.configurable !== true) return;
  let guarded: object | undefined;
  const guard = (real: unknown): unknown => {
    if (typeof real !== 'function') return real;
    guarded ??= new Proxy(real, {
      construct(target, args, newTarget) {
        if (isRefused()) refuseEscape(`new ${name}()`, why);
        return Reflect.construct(target, args, newTarget);
      },
    });
    return guarded;
  };
  const { get, value } = descriptor;
  const guardedValue =
    get === undefined ? { value: guard(value) } : { get: () => guard(get.call(globalThis)) };
  Object.defineProperty(globalThis, name, { ...descriptor, ...guardedValue });
}
