/** What must have happened by a certain time. Costs nothing after an event at which nothing is late. */

import type { Clock } from './pause-times.ts';

interface Deadline {
  readonly setAtMs: number;
  readonly dueMs: number;
  readonly detail: () => string;
  /** Asked when it is late: whether it does not matter any more. */
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

  /** A deadline is later by as long as the process stood still between its beginning and its end. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Sets the deadline of `key`, in place of one that it may have. */
  set(key: Key, dueMs: number, detail: () => string, isMoot?: () => boolean): void {
    const setAtMs = this.#clock.nowMs;
    this.#pending.set(key, { setAtMs, dueMs, detail, isMoot });
    this.#earliestMs = Math.min(this.#earliestMs, dueMs);
  }

  has(key: Key): boolean {
    return this.#pending.has(key);
  }

  /** When it is due; undefined when nothing is. Stalls put it off. */
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

  /** The first deadline that has passed, said in words. */
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
