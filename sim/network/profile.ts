/** How the simulated network treats every connection of a run, as plain JSON. Part of a scenario. */

import type { Range } from '../engine/random.ts';

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
