/**
 * The waist of the simulator: one plain JSON value that says everything a run needs. The command line, fast-check, the
 * corpus and a user's own test all make one; `simulate` takes only that. Knows nothing of what is simulated: the actions
 * and the settings of the system under test are passed through as they are.
 */
import type { Fault } from './fault.ts';

export type { Fault, FaultKind } from './fault.ts';

/** Any value that survives `JSON.parse(JSON.stringify(value))`. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** An inclusive range, in the unit that the name of its field gives. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * Probabilistic concurrency testing: each direction of each connection draws a priority, and while one has something
 * under way, what is due in those below it waits. Bytes of one direction stay in order. A bug that needs few events in
 * one certain order is met more often than by latencies alone, however long the other side must be held back.
 */
export interface PrioritySchedule {
  readonly kind: 'priorities';
  /** How many times the direction whose turn it is falls below all others. A bug needs one less than it needs orders. */
  readonly changePoints: number;
  /** Most milliseconds that something is held back beyond its latency. */
  readonly windowMs: number;
  /** Virtual milliseconds from the start of the run within which the change points lie. */
  readonly withinMs: number;
}

/** What decides which of the segments under way arrives first. `random`: their latencies alone. */
export type Schedule = { readonly kind: 'random' } | PrioritySchedule;

/** How the simulated network treats every connection of a run. */
export interface NetworkProfile {
  /** One-way delay of a segment, in milliseconds. */
  readonly latencyMs: Range;
  /**
   * How latencies lie within `latencyMs`. `uniform`: all alike. `lognormal`: most in the lower quarter, few near the
   * maximum, as on the public internet. `heavy-tail`: half at the minimum, one in a hundred far out, as behind a Wi-Fi
   * that retries or a cellular network that wakes up (a bounded Pareto distribution).
   *
   * @default 'uniform'
   */
  readonly latencyDistribution?: 'uniform' | 'lognormal' | 'heavy-tail';
  /**
   * Bytes a second that each direction of each connection carries. A segment leaves when those before it have left, and
   * takes its size divided by this, before its latency begins.
   *
   * @default no limit
   */
  readonly bandwidthBytesPerSecond?: number;
  /**
   * Size of the segments that a burst of writes is cut into, in bytes. `{ min: 1, max: 3 }` cuts inside every frame
   * header; a `max` above the size of a burst joins its writes.
   */
  readonly segmentBytes: Range;
  /** Room in the kernel's send buffer of one socket, in bytes. A writer that fills it waits. */
  readonly sendBufferBytes: number;
  /** Room in the kernel's receive buffer of one socket, in bytes. A reader that does not read fills it. */
  readonly receiveBufferBytes: number;
  /** How long a connect into silence waits before it fails with `ETIMEDOUT`, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long unacknowledged data is kept before the connection fails with `ETIMEDOUT`, in milliseconds. */
  readonly retransmitTimeoutMs: number;
  /** @default { kind: 'random' } */
  readonly schedule?: Schedule;
}

/** Linux's defaults where it has some (`tcp_syn_retries` 6, `tcp_retries2` 15), and a quick, gentle network elsewhere. */
export const defaultNetwork: NetworkProfile = {
  latencyMs: { min: 1, max: 10 },
  segmentBytes: { min: 1_460, max: 1_460 },
  sendBufferBytes: 65_536,
  receiveBufferBytes: 65_536,
  connectTimeoutMs: 127_000,
  retransmitTimeoutMs: 924_600,
};

/** One thing that the system under test is asked to do. Fields beyond `atMs` and `kind` are the system's own. */
export interface Action {
  readonly atMs: number;
  readonly kind: string;
  readonly [field: string]: Json;
}

/** One run, whole. */
export interface Scenario<A extends Action = Action, Settings = Json> {
  /** Version of this format. A reader that does not know it must refuse it. */
  readonly format: 1;
  /** Name of the workload that made it, for reports. */
  readonly name: string;
  /** Root of every keyed random stream of the run. Not itself part of the digest. */
  readonly seed: number;
  readonly network: NetworkProfile;
  readonly actions: readonly A[];
  readonly faults: readonly Fault[];
  /** Virtual milliseconds of the first phase, in which faults are on and safety is checked. */
  readonly durationMs: number;
  /** Virtual milliseconds within which the liveness invariants must hold once faults have stopped and clients have left. */
  readonly settleMs: number;
  /** Settings of the system under test. */
  readonly settings: Settings;
}
