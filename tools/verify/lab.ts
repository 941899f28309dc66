/** What is verified: a system under test with its scenarios, its invariants, its seeded bugs and its corpus. */

import type { Lab } from '../../sim/cli/lab.ts';
import type { SmallUniverse } from '../../sim/search/exhaustive/paths.ts';
import type { Catch, Quarry } from '../bugs/hunt.ts';

export interface VerificationLab extends Lab {
  readonly guarantees: readonly { readonly id: string; readonly sentence: string }[];
  readonly bugs: readonly (Quarry & { readonly description: string })[];
  readonly universe: SmallUniverse;
  /** Folder of the scenarios that once failed. */
  readonly corpus: URL;
  hunt(bug: Quarry, seedsMax: number, shrinkRuns: number): Promise<Catch>;
}
