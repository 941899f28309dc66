/**
 * Who is still there (G9): pings peers that are silent and judges those that do not answer. Owns the
 * verdict; when a connection is looked at is the rounds' business. Life is whatever the peer sends, and
 * never what we send it.
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

/** All that were pinged in one tick. */
interface Batch {
  /** From 1; a connection knows the batch that it has to answer in. */
  readonly ordinal: number;
  readonly pinged: ConnectionPort[];
  readonly isLastLook: boolean;
}

export class Heartbeat {
  readonly #dispatcher: EventDispatcher;
  readonly #timeoutMs: number;
  /** The end of the time to answer: what has arrived by its beginning is surely read by its end. */
  readonly #lastLookMs: number;
  readonly #batches = new DueQueue<Batch>();
  #ordinal = NOT_PINGED;
  #open: { readonly batch: Batch; readonly atMs: number } | undefined;
  /** For how long the event loop stood still while somebody had to answer: it is not counted. */
  #stalledMs = 0;
  #deferred = false;
  /** Cancels the verdict that waits for what has arrived to be read. */
  #cancelReading: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(timeoutMs: number, dispatcher: EventDispatcher) {
    this.#timeoutMs = timeoutMs;
    this.#lastLookMs = Math.min(LATENESS_MS, timeoutMs / 4);
    this.#dispatcher = dispatcher;
  }

  /**
   * Asks for a sign of life within the timeout, unless it owes an earlier one still. Of a paused connection nothing
   * could be heard.
   */
  ping(connection: ConnectionPort, nowMs: number): void {
    const { socket } = connection;
    if (socket.isPaused) return;
    // One that has answered is asked anew, also when the time of the earlier question is not over.
    if (connection[kPingBatch] !== NOT_PINGED && isSilent(connection)) return;
    const progress = writeProgressOf(socket);
    socket.ping();
    // Before a new question is among those that a stall puts off.
    this.#noticeStall(nowMs);
    const batch = this.#batchOf(nowMs);
    connection[kPingBatch] = batch.ordinal;
    connection[kFramesWhenPinged] = connection[kFrames];
    connection[kBytesReadWhenPinged] = connection[kBytesRead];
    connection[kProgressWhenPinged] = progress;
    batch.pinged.push(connection);
    this.#arm();
  }

  /** There is nobody left to judge. */
  stop(): void {
    this.#batches.clear();
    this.#deferred = false;
    this.#cancelReading?.();
    this.#cancelReading = undefined;
    this.#disarm();
  }

  #batchOf(nowMs: number): Batch {
    if (this.#open?.atMs === nowMs) return this.#open.batch;
    this.#ordinal += 1;
    const batch: Batch = { ordinal: this.#ordinal, pinged: [], isLastLook: false };
    this.#open = { batch, atMs: nowMs };
    this.#batches.add(batch, nowMs - this.#stalledMs + this.#timeoutMs - this.#lastLookMs);
    return batch;
  }

  #arm(): void {
    if (this.#cancelReading !== undefined) return;
    const dueMs = this.#batches.firstDueMs + this.#stalledMs;
    if (dueMs >= this.#timerDueMs || dueMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    const delayMs = Math.max(1, Math.ceil(dueMs - performance.now()));
    this.#timer = setTimeout(() => this.#onTimeout(), delayMs);
    this.#timer.unref();
  }

  /** Whoever is asked after this is in a new batch. */
  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    this.#open = undefined;
  }

  /**
   * The loop stood still: nobody could be heard meanwhile, and whoever had to answer gets that time. Once, or an
   * overloaded server would never judge anybody.
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
      // However late it is: an answer may have come in time and lie there unread.
      const dueMs = performance.now() - this.#stalledMs;
      this.#cancelReading = afterPoll(() => {
        this.#cancelReading = undefined;
        this.#dispatcher.run(() => this.#judgeDue(dueMs));
        this.#arm();
      });
    }
    this.#arm();
  }

  /** Those who were due at `dueMs`, and no later ones: what has come for these may not be read yet. */
  #judgeDue(dueMs: number): void {
    for (;;) {
      const batch = this.#batches.takeDue(dueMs);
      if (batch === undefined) return;
      const silent: ConnectionPort[] = [];
      for (const connection of batch.pinged) {
        // It was asked again meanwhile, and answers in a later batch.
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
  // The ping stands behind what waits.
  if (hasTakenBacklog(connection.socket, connection[kProgressWhenPinged])) return false;
  // A peer in the middle of one large frame cannot answer before its end, but its bytes arrive.
  return (
    connection[kFrames] === connection[kFramesWhenPinged] &&
    connection[kBytesRead] <= connection[kBytesReadWhenPinged]
  );
}
