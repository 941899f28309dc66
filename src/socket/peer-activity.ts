/**
 * What the peer of a connection sends: when it was last heard, how many frames and bytes, and whether they keep the
 * limits of size and rate. Owns these numbers; how a peer is disconnected is in `connection.ts`.
 */
import type { WebSocket } from 'ws';
import type { ConnectionOwner } from '../internal/connection-owner.ts';
import type { InspectionFields } from '../internal/connection-port.ts';
import {
  kBacklog,
  kBytesRead,
  kBytesReadWhenPinged,
  kDisconnect,
  kFrameSeen,
  kFrames,
  kFramesWhenPinged,
  kHost,
  kMessageSeen,
  kPingBatch,
  kProgressWhenPinged,
  kWheelBucket,
  kWheelIndex,
} from '../internal/symbols.ts';
import { NOT_PINGED } from '../liveness/heartbeat.ts';
import type { PolicyDisconnectCause } from '../telemetry/reasons.ts';
import { bytesReadOf, NO_BACKLOG, type WriteProgress } from './ws-internals.ts';

/**
 * A connection extends this class, since an object of its own for these numbers would cost one per connection. It has
 * no private methods, which would cost each instance a field.
 */
export abstract class PeerActivity<M extends ConnectionOwner> implements InspectionFields {
  readonly manager: M;
  readonly socket: WebSocket;
  /** On the clock of `performance.now()`. */
  readonly openedAtMs: number;
  // Stryker disable next-line UnaryOperator: the inspection wheel writes it before it reads it
  [kWheelBucket] = -1;
  // Stryker disable next-line UnaryOperator: the inspection wheel writes it before it reads it
  [kWheelIndex] = -1;
  [kBacklog] = 0;
  // The inspection and the heartbeat write these. They are in the connection itself, since a record for each ping
  // outlives the young generation, and collecting those stops the event loop.
  [kPingBatch] = NOT_PINGED;
  [kFramesWhenPinged] = 0;
  [kBytesReadWhenPinged] = 0;
  [kProgressWhenPinged]: WriteProgress = NO_BACKLOG;
  #frames = 0;
  // Undefined until the peer sends: most connections are idle, and a number takes 16 bytes.
  #lastSeenMs: number | undefined;
  #lastMessageMs: number | undefined;
  /** The time at which the frames so far would have ended at the permitted rate. */
  #paidUntilMs: number | undefined;

  constructor(manager: M, socket: WebSocket) {
    this.manager = manager;
    this.socket = socket;
    this.openedAtMs = performance.now();
  }

  abstract [kDisconnect](cause: PolicyDisconnectCause): void;

  /** When the peer last sent a frame, on the clock of `performance.now()`. Our sends do not count. */
  get lastSeenMs(): number {
    return this.#lastSeenMs ?? this.openedAtMs;
  }

  /** When the peer last sent a message, or connected. Pings and pongs do not count. */
  get lastMessageMs(): number {
    return this.#lastMessageMs ?? this.openedAtMs;
  }

  get [kFrames](): number {
    return this.#frames;
  }

  /**
   * Bytes that have arrived, where the socket counts them. A peer in the middle of one large frame cannot answer
   * a ping before its end (RFC 6455, 5.4), but its bytes arrive.
   */
  get [kBytesRead](): number {
    return bytesReadOf(this.socket);
  }

  [kFrameSeen](): void {
    this.#frames += 1;
    const nowMs = performance.now();
    this.#lastSeenMs = nowMs;
    this.manager[kFrameSeen](nowMs);
    // A token bucket in one number: each frame takes the time that the permitted rate gives it, and a peer may be ahead
    // of the clock by as much as a burst takes.
    const { maxFramesPerSecond, maxFrameBurst } = this.manager[kHost].options;
    const frameMs = 1_000 / maxFramesPerSecond;
    this.#paidUntilMs = Math.max(this.#paidUntilMs ?? nowMs, nowMs) + frameMs;
    if (this.#paidUntilMs - nowMs > frameMs * maxFrameBurst) this[kDisconnect]('frame-rate');
  }

  [kMessageSeen](bytes: number): void {
    this[kFrameSeen]();
    this.#lastMessageMs = this.#lastSeenMs;
    // Where `ws` does not refuse it by itself.
    if (bytes > this.manager[kHost].options.maxPayloadBytes) this[kDisconnect]('message-size');
  }
}
