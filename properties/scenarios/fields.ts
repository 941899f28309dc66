/** Where and when something happens in a scenario that is drawn. */
import fc from 'fast-check';

/** Objects that a report shows as they are written in code. */
export function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true });
}

/** Few users on purpose: collisions on one user are where the bugs are. */
export const user = fc.constantFrom('ada', 'bob');

/** Enough tabs to pass a limit of three, and few enough that two actions often mean the same one. */
const tabNumber = fc.integer({ min: 1, max: 5 });

export const tab = fc.tuple(user, tabNumber).map(([name, number]) => `${name}.${number}`);

/** Long enough for a grace of 30 s and a reconnect after it. */
export const durationMs = 60_000;

/**
 * Coarse, so that actions meet at the same instant, and with a fine part, so that they also just miss each other. Who
 * comes last can still be gone before the end.
 */
export const atMs = fc
  .tuple(fc.integer({ min: 0, max: 50 }), fc.constantFrom(0, 0, 1, 7, 250))
  .map(([second, fineMs]) => second * 1_000 + fineMs);
