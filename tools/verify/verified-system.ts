/** What is verified: a system with its guarantees, its seeded bugs and its corpus. */

import type { SmallUniverse } from '../../sim/run/small-universe.ts';
import type { System } from '../../sim/run/system.ts';
import type { BugUnderTest, HuntResult } from '../bugs/hunt.ts';

export interface VerifiedSystem extends System {
  readonly guarantees: readonly { readonly id: string; readonly sentence: string }[];
  readonly bugs: readonly (BugUnderTest & { readonly description: string })[];
  readonly smallUniverse: SmallUniverse;
  /** Folder of the scenarios that once failed. */
  readonly corpus: URL;
  hunt(bug: BugUnderTest, seedsMax: number, shrinkRuns: number): Promise<HuntResult>;
}
