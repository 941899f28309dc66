/** Mutants of `src/` that change nothing anybody could see, each with the reason. */

import type { Equivalent } from './equivalence.ts';

export const equivalents: readonly Equivalent[] = [];
