/** A mistake that a developer could make, or has made, and the check that must catch it. */

/** One find and replace in a file of `src/`. `find` must match exactly once. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** What every seeded bug has: a description in the present tense, and the patches that plant it. */
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
  /** Name of the invariant that must break first. Only the forerunners may break before it. */
  readonly caughtBy: string;
  /** Without any, the first seed that fails must fail with `caughtBy`. */
  readonly forerunners?: readonly Forerunner[];
  /**
   * Name of the scenario that finds it, if the default scenario never does.
   *
   * @default 'swarm'
   */
  readonly scenario?: string;
}

/** A seeded bug that needs an input which no scenario has. Only a property catches it. */
export interface PropertyBug extends SeededBug {
  readonly caughtBy: { readonly property: string };
}

/** The name of the scenario that must find a bug. */
export function scenarioNameOf({ scenario = 'swarm' }: Pick<Bug, 'scenario'>): string {
  return scenario;
}
