/**
 * Visits every connection once a round, each at a time of its own, with one timer for all: however many
 * connections opened in one tick, a visit of all of them is spread over the round. Owns who comes when;
 * what a visit is for is said by whoever makes the rounds.
 */
import type { WebSocketConnection } from './connection.ts';
import { kSeat, kSlot, LATENESS_MS } from './internals.ts';
import type { Journal } from './journal.ts';

/** Slots of a round are a power of two, so that any odd stride comes to each of them. */
const SLOTS_MAX = 512;
const SLOT_MS_LEAST = 25;

export type Visit = (connection: WebSocketConnection, nowMs: number) => void;

export interface RoundsTasks {
  readonly visit: Visit;
  /** The last connection has left. */
  readonly ended: () => void;
}

export class Rounds {
  readonly #journal: Journal;
  readonly #tasks: RoundsTasks;
  readonly #slots: WebSocketConnection[][];
  readonly #slotMs: number;
  /** Near the golden section of the slots: those who come one after the other sit far apart. */
  readonly #stride: number;
  #nextSlot = 0;
  #size = 0;
  /** Slots take turns: this is the number of the next turn, and when turn 0 was. */
  #turn = 0;
  #beganAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(roundMs: number, journal: Journal, tasks: RoundsTasks) {
    this.#journal = journal;
    this.#tasks = tasks;
    let slots = 1;
    while (slots < SLOTS_MAX && roundMs / (2 * slots) >= SLOT_MS_LEAST) slots *= 2;
    this.#slots = Array.from({ length: slots }, () => []);
    this.#slotMs = roundMs / slots;
    this.#stride = Math.floor(slots * 0.618) | 1;
  }

  join(connection: WebSocketConnection): void {
    if (this.#size === 0) this.#beganAtMs = connection.openedAtMs + (1 - this.#turn) * this.#slotMs;
    else this.#passOver(connection.openedAtMs);
    this.#size += 1;
    this.#nextSlot = (this.#nextSlot + this.#stride) % this.#slots.length;
    const slot = this.#slots[this.#nextSlot];
    connection[kSlot] = this.#nextSlot;
    connection[kSeat] = (slot?.push(connection) ?? 0) - 1;
    this.#armFor(this.#atMs(this.#turn + this.#ahead(this.#nextSlot)));
  }

  leave(connection: WebSocketConnection): void {
    const slot = this.#slots[connection[kSlot]];
    if (slot?.[connection[kSeat]] !== connection) return;
    const last = slot.pop();
    if (last !== undefined && last !== connection) {
      slot[connection[kSeat]] = last;
      last[kSeat] = connection[kSeat];
    }
    connection[kSlot] = -1;
    this.#size -= 1;
    if (this.#size > 0) return;
    this.#disarm();
    this.#tasks.ended();
  }

  #atMs(turn: number): number {
    return this.#beganAtMs + turn * this.#slotMs;
  }

  /** Turns until that of this slot; none when it is next. */
  #ahead(slot: number): number {
    const { length } = this.#slots;
    return (slot - (this.#turn % length) + length) % length;
  }

  #armFor(dueMs: number): void {
    if (dueMs >= this.#timerDueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    const delayMs = Math.max(1, Math.ceil(dueMs - performance.now()));
    this.#timer = setTimeout(() => this.#tick(), delayMs);
    // Nobody waits for this timer, so it need not keep a process alive.
    this.#timer.unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
  }

  #tick(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#timerDueMs;
    this.#disarm();
    // After a stall the round goes on where it was. Making up for it would be the burst that slots avoid.
    if (lateMs > LATENESS_MS) this.#beganAtMs += lateMs;
    this.#journal.run(() => {
      const { length } = this.#slots;
      for (let turns = length; turns > 0 && this.#atMs(this.#turn) <= nowMs; turns -= 1) {
        // Over before it begins: whoever joins meanwhile is in a later one.
        this.#turn += 1;
        this.#visitSlot((this.#turn - 1) % length, nowMs);
      }
      this.#armNext();
    });
  }

  #visitSlot(index: number, nowMs: number): void {
    const slot = this.#slots[index] ?? [];
    // Backwards, since one that is found closed leaves, and the last takes its seat.
    for (let seat = slot.length - 1; seat >= 0; seat -= 1) {
      const connection = slot[seat];
      if (connection === undefined) continue;
      try {
        this.#tasks.visit(connection, nowMs);
      } catch (error) {
        this.#journal.hookFailed('round', error, connection.manager.context.userId);
      }
    }
  }

  /** Skips the turns of empty slots that nobody woke up for, so that whoever comes has one in this round. */
  #passOver(nowMs: number): void {
    const { length } = this.#slots;
    while (this.#atMs(this.#turn) <= nowMs && this.#slots[this.#turn % length]?.length === 0) {
      this.#turn += 1;
    }
  }

  /** Empty slots are passed over: a server with few connections wakes up for few. */
  #armNext(): void {
    if (this.#size === 0) return;
    const { length } = this.#slots;
    const last = this.#turn + length;
    for (let turn = this.#turn; turn < last; turn += 1) {
      if (this.#slots[turn % length]?.length === 0) continue;
      this.#armFor(this.#atMs(turn));
      return;
    }
  }
}
