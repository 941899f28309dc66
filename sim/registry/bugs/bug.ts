/** A mistake that somebody could make, or made, and who must notice. */

/** One find and replace in a file of `src/`. `find` must match exactly once. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Bug {
  readonly name: string;
  readonly description: string;
  readonly guarantees: readonly string[];
  /** Name of the invariant that must break, before any other does. */
  readonly caughtBy: string;
  readonly patches: readonly Patch[];
}
