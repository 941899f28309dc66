/** A mistake that a developer could make, or made, and the check that must notice it. */

/** One find and replace in a file of `src/`. `find` must match exactly once. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** What every seeded bug has: what goes wrong, in the present tense, and how it is planted. */
export interface SeededBug {
  readonly name: string;
  readonly description: string;
  readonly guarantees: readonly string[];
  readonly patches: readonly Patch[];
}

/** Another invariant that may break before the bug's own, on some seeds. */
export interface Forerunner {
  readonly invariant: string;
  readonly why: string;
}

/** A seeded bug that an invariant catches in some scenario. */
export interface Bug extends SeededBug {
  /** Name of the invariant that must break, before any other does but the forerunners. */
  readonly caughtBy: string;
  /** None unless said otherwise: then the first seed that fails must fail with `caughtBy`. */
  readonly forerunners?: readonly Forerunner[];
  /**
   * Name of the scenario that it is looked for in, where the default one never comes to it.
   *
   * @default 'swarm'
   */
  readonly scenario?: string;
}

/** A seeded bug that needs an input which no scenario has, so that only a property catches it. */
export interface PropertyBug extends SeededBug {
  readonly caughtBy: { readonly property: string };
}

/** The name of the scenario that a bug is looked for in. */
export function scenarioNameOf({ scenario = 'swarm' }: Pick<Bug, 'scenario'>): string {
  return scenario;
}
