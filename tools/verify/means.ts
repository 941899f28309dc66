/** The threads and the progress output with which a plan is carried out. */

import type { Worker } from 'node:worker_threads';

export interface PlanEnvironment {
  readonly threads: number;
  /** Starts a thread that does `work`. */
  readonly startThread: (work: { readonly kind: string }) => Worker;
  /** Called with a line about the progress. */
  readonly onProgress: (line: string) => void;
}
