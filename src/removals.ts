/**
 * When empty managers go: at the end of their graces, with one timer for all of them. Owns the order and
 * the timer; how long a grace is, is the manager's business.
 */
import { type DueEntry, DueQueue } from './due-queue.ts';
import type { Journal } from './journal.ts';
import type { Stay } from './stay.ts';

export type Removal = DueEntry<Stay>;

/**
 * Milliseconds between two turns of the timer. One that goes alone goes on time; of many that go one after the
 * other each may wait so long, since waking the event loop for every one costs more than all else about it.
 */
const BETWEEN_TURNS_MS = 20;

export class Removals {
  readonly #journal: Journal;
  readonly #queue = new DueQueue<Stay>();
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #nextTurnMs = Number.NEGATIVE_INFINITY;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  schedule(stay: Stay, dueMs: number): Removal {
    const removal = this.#queue.add(stay, dueMs);
    this.#arm();
    return removal;
  }

  cancel(removal: Removal): void {
    this.#queue.remove(removal);
    // The timer stays for the next one, or there would be a new one for each that comes and goes.
    if (this.#queue.size === 0) this.#disarm();
  }

  /**
   * Removes whoever is due; how many that were. Its timer calls it, and the background sweep does, so
   * that a lost timer keeps nobody for ever.
   */
  expire(): number {
    let expired = 0;
    this.#journal.run(() => {
      const nowMs = performance.now();
      for (;;) {
        const stay = this.#queue.takeDue(nowMs);
        if (stay === undefined) break;
        expired += 1;
        stay.expire();
      }
    });
    return expired;
  }

  #arm(): void {
    const dueMs = Math.max(this.#queue.firstDueMs, this.#nextTurnMs);
    if (dueMs >= this.#timerDueMs || dueMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#timerDueMs = Number.POSITIVE_INFINITY;
        this.#nextTurnMs = performance.now() + BETWEEN_TURNS_MS;
        try {
          this.expire();
        } finally {
          this.#arm();
        }
      },
      Math.max(1, Math.ceil(dueMs - performance.now())),
    );
    // Nobody waits for this timer, so it need not keep a process alive.
    this.#timer.unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
  }
}
