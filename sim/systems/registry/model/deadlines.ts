/** What must have happened by a certain time. A check costs nothing while no deadline has passed. */

import type { Clock } from './pause-times.ts';

interface Deadline {
  readonly setAtMs: number;
  readonly dueMs: number;
  readonly detail: () => string;
  /** Called when the deadline has passed: returns whether it does not matter any more. */
  readonly isMoot: (() => boolean) | undefined;
}

/** A deadline that has passed. */
export interface Late {
  readonly setAtMs: number;
  readonly detail: string;
}

export class Deadlines<Key> {
  readonly #clock: Clock;
  readonly #pending = new Map<Key, Deadline>();
  /** No pending deadline is earlier than this. */
  #earliestMs = Number.POSITIVE_INFINITY;

  /** A pause of the process between start and end of a deadline postpones it by the same time. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Sets the deadline of `key`, and replaces an earlier one. */
  set(key: Key, dueMs: number, detail: () => string, isMoot?: () => boolean): void {
    const setAtMs = this.#clock.nowMs;
    this.#pending.set(key, { setAtMs, dueMs, detail, isMoot });
    this.#earliestMs = Math.min(this.#earliestMs, dueMs);
  }

  has(key: Key): boolean {
    return this.#pending.has(key);
  }

  /** When it is due, pauses included; undefined without a deadline. */
  dueMs(key: Key): number | undefined {
    return this.#pending.get(key)?.dueMs;
  }

  met(key: Key): void {
    this.#pending.delete(key);
  }

  clear(): void {
    this.#pending.clear();
    this.#earliestMs = Number.POSITIVE_INFINITY;
  }

  /** The first deadline that has passed, as text. */
  missed(nowMs: number): string | undefined {
    return this.late(nowMs)?.detail;
  }

  /** The first deadline that has passed, and when it was set. */
  late(nowMs: number): Late | undefined {
    if (nowMs <= this.#earliestMs) return undefined;
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const [key, { setAtMs, dueMs: boundMs, detail, isMoot }] of this.#pending) {
      const lateMs = boundMs < nowMs ? this.#clock.pauseTimes.withinMs(setAtMs, nowMs) : 0;
      const dueMs = boundMs + lateMs;
      if (dueMs >= nowMs) {
        earliestMs = Math.min(earliestMs, dueMs);
      } else if (isMoot?.() === true) {
        this.#pending.delete(key);
      } else {
        return { setAtMs, detail: `${detail()}, due at ${dueMs} ms, now ${nowMs} ms` };
      }
    }
    this.#earliestMs = earliestMs;
    return undefined;
  }
}
