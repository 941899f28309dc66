/** What a plan is carried out with. */

import type { Worker } from 'node:worker_threads';

export interface Means {
  readonly threads: number;
  /** Starts a thread that does `work`. */
  readonly startThread: (work: { readonly kind: string }) => Worker;
  /** Called with a line whenever there is something to tell of how far it has come. */
  readonly onProgress: (line: string) => void;
}
