/**
 * The heartbeat (G9): pings silent peers and disconnects those that do not answer. Owns the verdict; when a
 * connection is inspected is the inspection wheel's business. Any byte that the peer sends is an answer; our own
 * sends are not.
 */

import type { ConnectionPort } from '../internal/connection-port.ts';
import { DueQueue } from '../internal/due-queue.ts';
import {
  kBytesRead,
  kBytesReadWhenPinged,
  kDisconnect,
  kFrames,
  kFramesWhenPinged,
  kPingBatch,
  kProgressWhenPinged,
} from '../internal/symbols.ts';
import { hasTakenBacklog, writeProgressOf } from '../socket/ws-internals.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import { afterPoll, LATENESS_MS } from './after-poll.ts';

/** Instead of the ordinal of a batch: the heartbeat waits for no answer. */
export const NOT_PINGED = 0;

/** All connections that were pinged in one tick. */
interface Batch {
  /** From 1; a connection holds the ordinal of the batch in which it has to answer. */
  readonly ordinal: number;
  readonly pinged: ConnectionPort[];
  readonly isLastLook: boolean;
}

export class Heartbeat {
  readonly #dispatcher: EventDispatcher;
  readonly #timeoutMs: number;
  /** The last part of the timeout: bytes that arrived before it began are surely read when it ends. */
  readonly #lastLookMs: number;
  readonly #batches = new DueQueue<Batch>();
  #ordinal = NOT_PINGED;
  #open: { readonly batch: Batch; readonly atMs: number } | undefined;
  /** For how long the event loop stood still while answers were due: that time does not count. */
  #stalledMs = 0;
  #deferred = false;
  /** Cancels the verdict that waits until all bytes that arrived are read. */
  #cancelReading: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(timeoutMs: number, dispatcher: EventDispatcher) {
    this.#timeoutMs = timeoutMs;
    this.#lastLookMs = Math.min(LATENESS_MS, timeoutMs / 4);
    this.#dispatcher = dispatcher;
  }

  /**
   * Pings the peer, which has to answer within the timeout, unless an earlier ping is still unanswered. A paused
   * connection is not pinged: its answer could not be read.
   */
  ping(connection: ConnectionPort, nowMs: number): void {
    const { socket } = connection;
    if (socket.isPaused) return;
    // A peer that has answered is pinged again, also when the timeout of the earlier ping is not over.
    if (connection[kPingBatch] !== NOT_PINGED && isSilent(connection)) return;
    const progress = writeProgressOf(socket);
    socket.ping();
    // Before the new ping, whose timeout an earlier stall must not extend.
    this.#noticeStall(nowMs);
    const batch = this.#batchOf(nowMs);
    connection[kPingBatch] = batch.ordinal;
    connection[kFramesWhenPinged] = connection[kFrames];
    connection[kBytesReadWhenPinged] = connection[kBytesRead];
    connection[kProgressWhenPinged] = progress;
    batch.pinged.push(connection);
    this.#arm();
  }

  /** The last connection has closed. */
  stop(): void {
    this.#batches.clear();
    this.#deferred = false;
    this.#cancelReading?.();
    this.#cancelReading = undefined;
    this.#disarm();
  }

  #batchOf(nowMs: number): Batch {
    if (this.#open?.atMs === nowMs) return this.#open.batch;
    // Stryker disable next-line AssignmentOperator: ordinals are only compared for equality
    this.#ordinal += 1;
    // Stryker disable next-line ArrayDeclaration: an entry that was asked in no batch is skipped
    const batch: Batch = { ordinal: this.#ordinal, pinged: [], isLastLook: false };
    // Stryker disable next-line ObjectLiteral: only saves batches: entries of one tick are due at the same time
    this.#open = { batch, atMs: nowMs };
    this.#batches.add(batch, nowMs - this.#stalledMs + this.#timeoutMs - this.#lastLookMs);
    return batch;
  }

  #arm(): void {
    if (this.#cancelReading !== undefined) return;
    const dueMs = this.#batches.firstDueMs + this.#stalledMs;
    // Stryker disable next-line LogicalOperator: would set the timer anew for the same moment
    if (dueMs >= this.#timerDueMs || dueMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    const delayMs = Math.max(1, Math.ceil(dueMs - performance.now()));
    this.#timer = setTimeout(() => this.#onTimeout(), delayMs);
    this.#timer.unref();
  }

  /** Later pings are in a new batch. */
  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    this.#open = undefined;
  }

  /**
   * When the event loop stood still no answer could be read, and the peers that had to answer get that time. Only
   * once in a row, or an overloaded server would never disconnect a peer.
   */
  #noticeStall(nowMs: number): boolean {
    const lateMs = nowMs - this.#timerDueMs;
    if (lateMs <= LATENESS_MS || this.#deferred) return false;
    this.#deferred = true;
    this.#stalledMs += lateMs;
    this.#disarm();
    return true;
  }

  #onTimeout(): void {
    if (!this.#noticeStall(performance.now())) {
      this.#disarm();
      this.#deferred = false;
      // However late it is: an answer may have arrived in time and be unread.
      const dueMs = performance.now() - this.#stalledMs;
      this.#cancelReading = afterPoll(() => {
        this.#cancelReading = undefined;
        this.#dispatcher.run(() => this.#judgeDue(dueMs));
        this.#arm();
      });
    }
    this.#arm();
  }

  /** Judges the batches that were due at `dueMs`, and no later ones: the answers to those may not be read yet. */
  #judgeDue(dueMs: number): void {
    for (;;) {
      const batch = this.#batches.takeDue(dueMs);
      if (batch === undefined) return;
      const silent: ConnectionPort[] = [];
      for (const connection of batch.pinged) {
        // It was pinged again meanwhile, and answers in a later batch.
        if (connection[kPingBatch] !== batch.ordinal) continue;
        if (isSilent(connection)) silent.push(connection);
        else connection[kPingBatch] = NOT_PINGED;
      }
      if (batch.isLastLook) {
        for (const connection of silent) connection[kDisconnect]('heartbeat');
      } else if (silent.length > 0) {
        const last = { ordinal: batch.ordinal, pinged: silent, isLastLook: true };
        this.#batches.add(last, dueMs + this.#lastLookMs);
      }
    }
  }
}

function isSilent(connection: ConnectionPort): boolean {
  if (connection.state !== 'open' || connection.socket.isPaused) return false;
  // The ping is queued behind the backlog.
  if (hasTakenBacklog(connection.socket, connection[kProgressWhenPinged])) return false;
  // A peer in the middle of one large frame cannot answer before its end, but its bytes arrive.
  return (
    connection[kFrames] === connection[kFramesWhenPinged] &&
    connection[kBytesRead] <= connection[kBytesReadWhenPinged]
  );
}
