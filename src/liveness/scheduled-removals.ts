/**
 * When empty managers are removed: at the end of their graces, with one timer for all of them. Owns the order and
 * the timer; how long a grace is, is the business of the idle lifetime.
 */
import { type DueEntry, DueQueue } from '../internal/due-queue.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';

/** What is scheduled: the idle lifetime of a manager. */
export interface Expirable {
  /** Called when the removal is due. */
  expire(): void;
}

export type ScheduledRemoval = DueEntry<Expirable>;

/**
 * Milliseconds between two turns of the timer. A single removal is on time; of many that are due one after the other
 * each may wait so long, since waking the event loop for every one costs more than the removal itself.
 */
const BETWEEN_TURNS_MS = 20;

export class ScheduledRemovals {
  readonly #dispatcher: EventDispatcher;
  readonly #queue = new DueQueue<Expirable>();
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #nextTurnMs = Number.NEGATIVE_INFINITY;

  constructor(dispatcher: EventDispatcher) {
    this.#dispatcher = dispatcher;
  }

  schedule(idleLifetime: Expirable, dueMs: number): ScheduledRemoval {
    const scheduledRemoval = this.#queue.add(idleLifetime, dueMs);
    this.#arm();
    return scheduledRemoval;
  }

  cancel(scheduledRemoval: ScheduledRemoval): void {
    this.#queue.remove(scheduledRemoval);
    // The timer is kept for the next removal, or every cancelled one would cost a new timer.
    if (this.#queue.size === 0) this.#disarm();
  }

  /**
   * Removes the managers that are due and returns how many. Its timer calls it, and so does the background sweep, so
   * that a lost timer keeps no manager for ever.
   */
  expire(): number {
    let expired = 0;
    this.#dispatcher.run(() => {
      const nowMs = performance.now();
      for (;;) {
        const idleLifetime = this.#queue.takeDue(nowMs);
        if (idleLifetime === undefined) break;
        expired += 1;
        idleLifetime.expire();
      }
    });
    return expired;
  }

  #arm(): void {
    const dueMs = Math.max(this.#queue.firstDueMs, this.#nextTurnMs);
    // Stryker disable next-line LogicalOperator: would set the timer anew for the same moment
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
    // No code waits for this timer, so it need not keep the process alive.
    this.#timer.unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
  }
}
