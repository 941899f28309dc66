/** Which outboxes hold messages that will expire, and when: for the background sweep. */
import { type DueEntry, DueQueue } from '../internal/due-queue.ts';

export interface Expiring {
  /** Drops expired messages and returns how many. */
  dropExpired(): number;
}

export class OutboxExpiry {
  readonly #queue = new DueQueue<Expiring>();

  track(outbox: Expiring, expiresAtMs: number): DueEntry<Expiring> {
    return this.#queue.add(outbox, expiresAtMs);
  }

  untrack(due: DueEntry<Expiring>): void {
    this.#queue.remove(due);
  }

  /** Drops the expired messages of all outboxes and returns how many. */
  dropExpired(): number {
    const nowMs = performance.now();
    let dropped = 0;
    for (;;) {
      const outbox = this.#queue.takeDue(nowMs);
      if (outbox === undefined) return dropped;
      dropped += outbox.dropExpired();
    }
  }
}
