/**
 * State that exists once in a process, however many copies of its module the module graphs of a test runner make: the
 * shims that one copy installed must see the run that another copy started.
 */

/** The state of that name. `make` is called by the first copy that asks. */
export function onceInProcess<T>(name: string, make: () => T): T {
  const key = Symbol.for(`leaktight.sim.${name}`);
  const holder = globalThis as { [key: symbol]: { readonly state: T } | undefined };
  holder[key] ??= { state: make() };
  return holder[key].state;
}
