/** What must have happened by a certain time. Costs nothing after an event at which nothing is late. */

interface Deadline {
  readonly dueMs: number;
  readonly detail: () => string;
}

export class Deadlines<Key> {
  readonly #pending = new Map<Key, Deadline>();
  /** No pending deadline is earlier than this. */
  #earliestMs = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#pending.size;
  }

  /** Sets the deadline of `key`, in place of one that it may have. */
  set(key: Key, dueMs: number, detail: () => string): void {
    this.#pending.set(key, { dueMs, detail });
    this.#earliestMs = Math.min(this.#earliestMs, dueMs);
  }

  has(key: Key): boolean {
    return this.#pending.has(key);
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
    if (nowMs <= this.#earliestMs) return undefined;
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const { dueMs, detail } of this.#pending.values()) {
      if (dueMs < nowMs) return `${detail()}, due at ${dueMs} ms, now ${nowMs} ms`;
      earliestMs = Math.min(earliestMs, dueMs);
    }
    this.#earliestMs = earliestMs;
    return undefined;
  }
}
