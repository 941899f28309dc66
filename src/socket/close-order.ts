/** How a connection or a manager is to be closed: code, text, cause and the bounds of each step. */
import type { CloseReason, ConnectionCause } from '../telemetry/reasons.ts';

/** How long a close may take. Both bounds are milliseconds from now; `Infinity` sets none. */
export interface CloseBound {
  /** For the closing handshake (RFC 6455, 7.1.2); then the socket is terminated. 0 terminates at once. */
  readonly handshakeMs: number;
  /** For a terminated socket to emit `close`; then it is abandoned and reported. */
  readonly detachMs: number;
}

/** Everything that closing a manager or a connection needs to know. */
export interface CloseOrder extends CloseBound {
  readonly code: number;
  /** A function when each connection gets a text of its own. */
  readonly text: string | (() => string);
  readonly cause: ConnectionCause;
}

export interface ManagerCloseOrder extends CloseOrder {
  readonly reason: CloseReason;
}

/** Milliseconds that a terminated socket has to emit `close`. Node needs a tick; this is for a broken one. */
export const DETACH_MS = 1_000;

/**
 * The part of a deadline that is kept for sockets that do not even react to being destroyed: a tenth,
 * at most `DETACH_MS`; of a short one more, since a healthy socket needs a turn of the event loop.
 */
export function detachShareMs(deadlineMs: number): number {
  return Math.min(DETACH_MS, Math.max(deadlineMs / 10, Math.min(20, deadlineMs / 2)));
}
