/** What the threads of an exhaustive search are given and give. Plain data. */

import type { Path, Step } from '../search/exhaustive/paths.ts';

/** Given to a thread when it starts. */
export interface WalkWork {
  readonly kind: 'leaktight.sim.walks';
  readonly bug?: string;
}

/**
 * Posted to a thread, which answers with the `Step` of each path. Nothing is posted to one that has not answered: a
 * message could only arrive in the middle of a run.
 */
export interface WalkBatch {
  /** States that are known from now on. */
  readonly news: readonly string[];
  readonly paths: readonly Path[];
}

export type WalkAnswer = readonly Step[];
