/**
 * The faults that the simulator itself can inject, as plain JSON. `run/apply-fault.ts` applies them,
 * `validate-fault.ts` checks them.
 */

import type { ProxyOptions } from '../network/proxy/proxy-options.ts';

/** What every fault has: when it begins, in virtual milliseconds, and the name of the host that it affects. */
interface FaultBase<Kind extends string> {
  readonly kind: Kind;
  readonly atMs: number;
  readonly host: string;
}

/** A fault that ends `durationMs` later, or when all faults stop, whichever is earlier. */
interface LastingFault<Kind extends string> extends FaultBase<Kind> {
  readonly durationMs: number;
}

/**
 * The process ends as after `kill -9`: its code stops, and its kernel closes its sockets as Linux does. Written bytes
 * are still sent, followed by a FIN. A connection with unread data, or one that was never accepted, is reset. Later
 * segments of its peers are answered with a RST.
 */
export interface Kill extends FaultBase<'kill'> {
  /** Milliseconds until the process is started again. @default when faults stop */
  readonly restartAfterMs?: number;
}

/** The machine loses power. Its peers are not notified: only a send of theirs can fail. */
export interface PowerLoss extends FaultBase<'power-loss'> {
  /** Milliseconds until the machine and its process start again. @default when faults stop */
  readonly restartAfterMs?: number;
}

/** Every open connection of the host is reset, by a middlebox that sends RST to both ends. */
export type Reset = FaultBase<'reset'>;

/** Every open connection of the host goes half-open: segments vanish in both directions, until faults stop. */
export type HalfOpen = FaultBase<'half-open'>;

/** New connections to the host are refused with a RST. */
export type Refuse = LastingFault<'refuse'>;

/**
 * New connections to the host get no answer: their SYNs are dropped, as by a firewall that was changed or a full accept
 * queue (Linux drops rather than refuses, `tcp_abort_on_overflow` 0). Established connections are not affected.
 */
export type Blackhole = LastingFault<'blackhole'>;

/** Every segment from and to the host takes `addedMs` longer. */
export interface SlowLink extends LastingFault<'slow-link'> {
  readonly addedMs: number;
}

/**
 * The network between two groups of hosts is cut. Segments sent meanwhile are retransmitted 200 ms, 600 ms, 1.4 s …
 * after they were lost (RFC 6298 with Linux's `TCP_RTO_MIN` of 200 ms, doubled up to `TCP_RTO_MAX` of 120 s), so they
 * arrive with the first retransmission after the end of the partition, which may be up to two minutes later. Otherwise
 * the sender fails with
 * `ETIMEDOUT` after `network.retransmitTimeoutMs`. A connect sends its SYN again after 1, 3, 7 … s. When faults stop,
 * everything is retransmitted at once.
 */
export interface Partition extends LastingFault<'partition'> {
  /** Further hosts on the side of `host`. @default none */
  readonly with?: readonly string[];
  /** The hosts of the other side. @default all others */
  readonly from?: readonly string[];
  /**
   * Which segments are lost: `out`, those from the side of `host`; `in`, those to it. Acknowledgements in that
   * direction are lost as well, so the sender of the other direction fills its buffer and times out. @default 'both'
   */
  readonly direction?: 'both' | 'in' | 'out';
}

/**
 * The event loop of the process is paused, as in a long garbage collection, a synchronous loop or a suspended
 * container: no timer, callback or delivery of it runs. Its kernel still works: it completes handshakes, acknowledges,
 * and buffers received bytes up to `network.receiveBufferBytes`. Afterwards `performance.now()` has advanced, and
 * everything happens at once, in the order of Node's phases: first the due timers, in order, an interval once; then the
 * events of the kernel.
 */
export type Pause = LastingFault<'pause'>;

/**
 * From now on a proxy is between the host and the clients that connect to it. When the fault ends, the proxy resets the
 * connections that it held for clients that are gone. The other connections stay open.
 */
export interface ProxyFault extends LastingFault<'proxy'>, ProxyOptions {}

/** The wall clock (`Date`) of the machine is set forward, or back. Monotonic time and timers are not affected. */
export interface ClockJump extends FaultBase<'clock-jump'> {
  /** Whole milliseconds, negative for back. */
  readonly byMs: number;
}

/**
 * The wall clock of the machine runs too fast, or too slowly. The difference stays when the fault ends. A crystal is
 * off by up
 * to
 * 100 ppm, and NTP slews by 500.
 */
export interface ClockDrift extends LastingFault<'clock-drift'> {
  /** Parts per million: 500 gains 0.5 ms a second. From -1,000,000 (the clock stands) to 1,000,000. */
  readonly ppm: number;
}

/**
 * The machine changes to another network: its connections become silent for ever, its new ones have another address.
 * Neither end is notified: its peers hold half-open connections, and its own kernel holds its ends until they time out
 * or the process closes them. Examples are a phone that leaves the Wi-Fi, and a laptop that wakes up elsewhere.
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
