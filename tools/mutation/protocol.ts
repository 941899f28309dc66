/** The messages between the runner and the tests that it keeps loaded. */

/** Both are worker threads of one process. */
export const CHANNEL = 'leaktight-mutation';

export type Request =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'mutant';
      readonly mutant: string;
      /** Ids of the tests that reach it; absent when all are to run. */
      readonly tests: readonly string[] | undefined;
      /** How often it may be reached: more is a loop without end. */
      readonly hitsMax: number | undefined;
    }
  | { readonly kind: 'end' };

/** How often each mutant was reached, by its id. */
export type Hits = Record<string, number>;

export interface Ran {
  readonly id: string;
  readonly durationMs: number;
  /** Absent when it passed. */
  readonly failure?: string;
}

export type Reply =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'all';
      readonly tests: readonly Ran[];
      readonly reached: { readonly static: Hits; readonly perTest: Record<string, Hits> };
    }
  | {
      readonly kind: 'mutant';
      /** In the order they ran; the last one may have failed. */
      readonly tests: readonly Ran[];
      readonly hits: number;
      /** Whether something of the run may still go on: nothing must be run after it in this process. */
      readonly isSpoilt: boolean;
    };
