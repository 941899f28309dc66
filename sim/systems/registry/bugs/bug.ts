/** A mistake that somebody could make, or made, and who must notice. */

/** One find and replace in a file of `src/`. `find` must match exactly once. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Another invariant that may break before the bug's own, on some seeds. */
export interface Forerunner {
  readonly invariant: string;
  readonly why: string;
}

export interface Bug {
  readonly name: string;
  readonly description: string;
  readonly guarantees: readonly string[];
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
  readonly patches: readonly Patch[];
}

/** The name of the scenario that a bug is looked for in. */
export function scenarioNameOf({ scenario = 'swarm' }: Pick<Bug, 'scenario'>): string {
  return scenario;
}
