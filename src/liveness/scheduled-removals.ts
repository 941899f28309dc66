/**
 * When empty managers go: at the end of their graces, with one timer for all of them. Owns the order and
 * the timer; how long a grace is, is the manager's business.
 */
import { type DueEntry, DueQueue } from '../internal/due-queue.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';

/** What is scheduled: the idle lifetime of a manager. */
export interface Expirable {
  /** Its time has come. */
  expire(): void;
}

export type ScheduledRemoval = DueEntry<Expirable>;

/**
 * Milliseconds between two turns of the timer. One that goes alone goes on time; of many that go one after the
 * other each may wait so long, since waking the event loop for every one costs more than all else about it.
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
    // The timer stays for the next one, or there would be a new one for each that comes and goes.
    if (this.#queue.size === 0) this.#disarm();
  }

  /**
   * Removes whoever is due; how many that were. Its timer calls it, and the background sweep does, so
   * that a lost timer keeps nobody for ever.
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
