/**
 * The names by which the parts of the registry reach into one another. They are not exported from the
 * package, so that what a user of a manager or a connection sees is only what is meant for users.
 */
import type { CloseReason, ConnectionCause, ManagerEvent } from '../events.ts';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';

export const kDerive: unique symbol = Symbol('derive');
export const kDerivedBy: unique symbol = Symbol('derivedBy');

export const kConnection: unique symbol = Symbol('connection');
export const kClose: unique symbol = Symbol('close');
export const kFailed: unique symbol = Symbol('failed');
export const kFrames: unique symbol = Symbol('frames');
export const kBytesRead: unique symbol = Symbol('bytesRead');
export const kMessageSeen: unique symbol = Symbol('messageSeen');
export const kPeerDone: unique symbol = Symbol('peerDone');
export const kDisconnect: unique symbol = Symbol('expel');
export const kAskedIn: unique symbol = Symbol('askedIn');
export const kFramesWhenAsked: unique symbol = Symbol('framesWhenAsked');
export const kBytesReadWhenAsked: unique symbol = Symbol('bytesReadWhenAsked');
export const kProgressWhenAsked: unique symbol = Symbol('progressWhenAsked');
export const kOffer: unique symbol = Symbol('offer');
export const kBacklog: unique symbol = Symbol('backlog');
export const kWheelBucket: unique symbol = Symbol('slot');
export const kWheelIndex: unique symbol = Symbol('seat');

export const kHost: unique symbol = Symbol('host');
export const kUserSlots: unique symbol = Symbol('account');
export const kBeginClose: unique symbol = Symbol('beginClose');
export const kEnded: unique symbol = Symbol('ended');
export const kWatch: unique symbol = Symbol('watch');
export const kFrameSeen: unique symbol = Symbol('frameSeen');
export const kConnectionGone: unique symbol = Symbol('connectionGone');
export const kCheckOwner: unique symbol = Symbol('checkOwner');
export const kSubject: unique symbol = Symbol('subject');
export const kSockets: unique symbol = Symbol('sockets');
export const kSlowReader: unique symbol = Symbol('slowReader');
export const kDisconnected: unique symbol = Symbol('expelled');
export const kSocketCount: unique symbol = Symbol('socketCount');
export const kIdleLifetime: unique symbol = Symbol('stay');
export const kStanding: unique symbol = Symbol('standing');

export const kCore: unique symbol = Symbol('core');

/**
 * How long a close may take. Both bounds are milliseconds from now; `Infinity` sets none.
 */
export interface CloseBound {
  /** For the closing handshake (RFC 6455, 7.1.2); then the socket is terminated. 0 terminates at once. */
  readonly handshakeMs: number;
  /** For a terminated socket to say that it is closed; then it is given up and reported. */
  readonly detachMs: number;
}

/** Everything that closing a manager or a connection needs to know. */
export interface CloseOrder extends CloseBound {
  readonly code: number;
  /** A function when each connection is told something else. */
  readonly text: string | (() => string);
  readonly cause: ConnectionCause;
}

export interface ManagerCloseOrder extends CloseOrder {
  readonly reason: CloseReason;
}

/** Instead of the ordinal of a batch: the heartbeat waits for no answer. */
export const NOT_ASKED = 0;

/** Milliseconds that a terminated socket has to emit `close`. Node needs a tick; this is for a broken one. */
export const DETACH_MS = 1_000;

/** A timer that is later than this was held up, and what a peer sent may wait to be read. */
export const LATENESS_MS = 100;

/**
 * The part of a deadline that is kept for sockets that do not even react to being destroyed: a tenth,
 * at most `DETACH_MS`; of a short one more, since a healthy socket needs a turn of the event loop.
 */
export function detachShareMs(deadlineMs: number): number {
  return Math.min(DETACH_MS, Math.max(deadlineMs / 10, Math.min(20, deadlineMs / 2)));
}

/** Close codes of the registry. 1xxx are of RFC 6455 (7.4.1), 4xxx of ours. */
export const CLOSE_CODES = Object.freeze({
  /** The application closed the manager or the connection. */
  normal: 1000,
  /** The server shuts down: come back, to another one. */
  goingAway: 1001,
  /** The peer sends more frames than it may (`maxFramesPerSecond`). */
  tooManyFrames: 1008,
  /** The peer sent a message of more than `maxPayloadBytes`. */
  messageTooBig: 1009,
  /** The connection failed: a malformed frame, or an error of its socket. */
  failed: 1011,
  /** Refused at the door with `refuseWith: 'close'`: try again later. */
  tryAgainLater: 1013,
  /** The peer did not answer a ping. */
  unresponsive: 4408,
  /** Another connection took over this connection id. */
  replacedConnection: 4409,
  /** The connection reached `maxConnectionAgeMs`: come back at once, on a new one. */
  tooOld: 4410,
  /** No message from the peer for `maxSilenceMs`. */
  silent: 4411,
  /** The peer does not read what it is sent (`maxBufferedBytes`). */
  slowReader: 4412,
  /** The least recently active manager made room for a new one (`onLimit: 'replace-least-recent'`). */
  evicted: 4429,
});

/** A manager, for those who tell of it. */
export interface Subject {
  readonly context: UserExecutionContext;
  [kSubject](): ManagerEvent;
}

/** Where a manager stands; what the cleanup decides by. */
export interface Standing {
  /** Connections whose socket is not destroyed, those on their way out included. */
  readonly sockets: number;
  /** Upgrades that are about to connect. */
  readonly reservations: number;
  /** Whether `release()` or a cleanup would take the place away from someone about to connect. */
  readonly awaited: boolean;
  /** Whether the grace of an empty manager is over. */
  readonly graceOver: boolean;
  /** Whether a removal is scheduled. */
  readonly scheduled: boolean;
  /** When the oldest message of the outbox was put there; undefined when it is empty. */
  readonly oldestQueuedAtMs: number | undefined;
}
