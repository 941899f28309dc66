/** The faults that the simulator itself can inject, as plain JSON. `run/apply-fault.ts` applies them, `validate-fault.ts` checks them. */

import type { ProxyOptions } from '../network/proxy/proxy-options.ts';

/** What every fault has: when it begins, in virtual milliseconds, and the name of the host that it concerns. */
interface FaultBase<Kind extends string> {
  readonly kind: Kind;
  readonly atMs: number;
  readonly host: string;
}

/** A fault that is over by itself `durationMs` later, or when faults stop, whichever comes first. */
interface LastingFault<Kind extends string> extends FaultBase<Kind> {
  readonly durationMs: number;
}

/**
 * The process ends as after `kill -9`: nothing of it runs any more, and its kernel closes its sockets as Linux does. What
 * was written still goes out, with a FIN behind it; a connection with unread data, or that was never accepted, is reset;
 * what its peers send from then on is answered with a RST.
 */
export interface Kill extends FaultBase<'kill'> {
  /** Milliseconds until the process is started again. @default when faults stop */
  readonly restartAfterMs?: number;
}

/** The machine loses power: silence. Its peers learn of it only by what they send. */
export interface PowerLoss extends FaultBase<'power-loss'> {
  /** Milliseconds until the machine is up and its process started again. @default when faults stop */
  readonly restartAfterMs?: number;
}

/** Every open connection of the host is reset, by a middlebox that sends RST to both ends. */
export type Reset = FaultBase<'reset'>;

/** Every open connection of the host goes half-open: segments vanish in both directions, until faults stop. */
export type HalfOpen = FaultBase<'half-open'>;

/** New connections to the host are refused with a RST. */
export type Refuse = LastingFault<'refuse'>;

/**
 * New connections to the host go unanswered: its SYNs are dropped, as by a firewall that was changed or a full accept
 * queue (Linux drops rather than refuses, `tcp_abort_on_overflow` 0). What is established goes on.
 */
export type Blackhole = LastingFault<'blackhole'>;

/** Every segment from and to the host takes `addedMs` longer. */
export interface SlowLink extends LastingFault<'slow-link'> {
  readonly addedMs: number;
}

/**
 * The network between two groups of hosts is cut. What is sent meanwhile is retransmitted 200 ms, 600 ms, 1.4 s … after
 * it was lost (RFC 6298 with Linux's `TCP_RTO_MIN` of 200 ms, doubled up to `TCP_RTO_MAX` of 120 s), so it arrives with the
 * first retransmission after the end of the partition, which may be up to two minutes later; or the sender fails with
 * `ETIMEDOUT` after `network.retransmitTimeoutMs`. A connect sends its SYN again after 1, 3, 7 … s. When faults stop,
 * everything is retransmitted at once.
 */
export interface Partition extends LastingFault<'partition'> {
  /** Further hosts on the side of `host`. @default none */
  readonly with?: readonly string[];
  /** The hosts of the other side. @default all others */
  readonly from?: readonly string[];
  /**
   * Which segments are lost: `out`, those from the side of `host`; `in`, those to it. The acknowledgements of what still
   * passes are lost as well, so its sender fills its buffer and times out. @default 'both'
   */
  readonly direction?: 'both' | 'in' | 'out';
}

/**
 * The event loop of the process stands still, as in a long garbage collection, a synchronous loop or a suspended
 * container: no timer, callback or delivery of it runs. Its kernel goes on: it completes handshakes, acknowledges, and
 * buffers what comes up to `network.receiveBufferBytes`. Afterwards `performance.now()` has advanced, and everything
 * happens at once, in the order of Node's phases: first the timers that came due, in order, an interval once; then what
 * the kernel has to say.
 */
export type Pause = LastingFault<'pause'>;

/**
 * A proxy stands between the host and the clients that connect to it from now on. When it goes, it resets what it kept
 * for clients that are gone; the other connections go on.
 */
export interface ProxyFault extends LastingFault<'proxy'>, ProxyOptions {}

/** The wall clock (`Date`) of the machine is set forward, or back. Monotonic time and timers are not touched. */
export interface ClockJump extends FaultBase<'clock-jump'> {
  /** Whole milliseconds, negative for back. */
  readonly byMs: number;
}

/**
 * The wall clock of the machine runs too fast, or too slowly. What it has gained or lost stays. A crystal is off by up to
 * 100 ppm, and NTP slews by 500.
 */
export interface ClockDrift extends LastingFault<'clock-drift'> {
  /** Parts per million: 500 gains 0.5 ms a second. From -1,000,000 (the clock stands) to 1,000,000. */
  readonly ppm: number;
}

/**
 * The machine changes to another network: its connections go silent for good, its new ones come from another address.
 * No end is told: its peers hold half-open connections, and its own kernel holds its ends until they time out or the
 * process closes them. A phone that leaves the Wi-Fi, a laptop that wakes up elsewhere.
 */
export type AddressChange = FaultBase<'address-change'>;

export type Fault =
  | Kill
  | PowerLoss
  | Reset
  | HalfOpen
  | Refuse
  | Blackhole
  | SlowLink
  | Pause
  | ProxyFault
  | Partition
  | ClockJump
  | ClockDrift
  | AddressChange;

export type FaultKind = Fault['kind'];
