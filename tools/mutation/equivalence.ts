/** When a mutant is one that is known to change nothing. Pure; the list is in `equivalents.ts`. */

import { type Mutant, type State, survives } from './results.ts';

/** Mutants of one line that change nothing anybody could see, and why. */
export interface Equivalent {
  readonly file: string;
  /** The whole line, without the space around it. */
  readonly at: string;
  /** What is replaced by what there. */
  readonly mutants: readonly { readonly from: string; readonly to: string }[];
  readonly reason: string;
}

export function isEquivalent(equivalent: Equivalent, file: string, mutant: Mutant): boolean {
  return (
    equivalent.file === file &&
    equivalent.at === mutant.at &&
    equivalent.mutants.some(({ from, to }) => from === mutant.from && to === mutant.to)
  );
}

/**
 * What is wrong with the list: an entry that no survivor matches. Either the source has changed, or a test does notice.
 * Of files that were not measured as they are now nothing can be said.
 */
export function faultsOf(
  equivalents: readonly Equivalent[],
  state: State,
  unmeasured: readonly string[],
  names: readonly string[],
): readonly string[] {
  return equivalents.flatMap(({ file, at, mutants }) => {
    if (!names.includes(file)) return [`${file} is no source: ${at}`];
    if (unmeasured.includes(file)) return [];
    const survivors = (state.files[file]?.mutants ?? []).filter(
      (mutant) => mutant.at === at && survives(mutant.status),
    );
    return mutants
      .filter(({ from, to }) => !survivors.some((each) => each.from === from && each.to === to))
      .map(({ from, to }) => `${file} has no survivor ${from} -> ${to} at: ${at}`);
  });
}
