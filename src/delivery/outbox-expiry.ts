/** Which outboxes hold messages that will be too old one day, and when: for the background sweep. */
import { type DueEntry, DueQueue } from '../internal/due-queue.ts';

export interface Expiring {
  /** Drops what is too old; how many messages that were. */
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

  /** How many messages were too old, of all. */
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
