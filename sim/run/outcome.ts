/** The result of a run, as plain data. Reports, shrinking and replay read nothing else. */

/** `crashed`: the code under test threw and did not catch it, or a guard of the engine stopped the run. */
export type Verdict = 'passed' | 'failed' | 'crashed';

/** How often one invariant was checked in a run, and how often it did not hold. */
export interface InvariantCount {
  readonly name: string;
  readonly checks: number;
  readonly failures: number;
}

/** The first failure in a run. */
export interface Failure {
  /** Name of the invariant that broke. */
  readonly invariant: string;
  /** What was observed, in numbers and ids. */
  readonly detail: string;
  /** Virtual milliseconds since the start of the run. */
  readonly atMs: number;
  /** Ordinal of the event after which it was observed. */
  readonly event: number;
  /** What that event was. */
  readonly lastEvent: string;
  /** The stack of the error, when the code under test threw. */
  readonly stack?: string;
}

export interface Outcome {
  readonly scenario: string;
  readonly seed: number;
  readonly verdict: Verdict;
  /** SHA-256, in hexadecimal, over every event and every wire byte of the run, in order. */
  readonly digest: string;
  /** Virtual milliseconds that the run lasted. */
  readonly virtualMs: number;
  readonly events: number;
  /** TCP connections that were established. */
  readonly connections: number;
  /** Bytes that arrived at a peer. */
  readonly wireBytes: number;
  /** How often each fault class struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** Figures of the system under test. */
  readonly metrics: Readonly<Record<string, number>>;
  /** How often this run reached each `sometimes` state: see `World.sometimes`. */
  readonly reached: Readonly<Record<string, number>>;
  readonly invariants: readonly InvariantCount[];
  readonly failure?: Failure;
}
