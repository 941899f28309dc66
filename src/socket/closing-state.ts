/**
 * The way out of one connection: why it goes, what bounds its going, and who waits for its end. Made when it begins to
 * close: most connections are open, and there is one of those for every peer.
 */

import { Deferred } from '../internal/deferred.ts';
import type { ConnectionCause } from '../telemetry/reasons.ts';

export class ClosingState {
  /** Of whoever began it. */
  readonly cause: ConnectionCause;
  /** Whether it took a `terminate`. */
  terminated = false;
  #timer: NodeJS.Timeout | undefined;
  #dueMs: number | undefined;
  #ended: Deferred<void> | undefined;

  constructor(cause: ConnectionCause) {
    this.cause = cause;
  }

  /** Settles at the end, which whoever reads this has bounded. */
  get ended(): Promise<void> {
    this.#ended ??= new Deferred();
    return this.#ended.promise;
  }

  /** One bound at a time, the earlier of two: `onDue` is called unless it ends first. An infinite one is none. */
  bound(afterMs: number, onDue: () => void): void {
    const dueMs = performance.now() + afterMs;
    if (this.#dueMs !== undefined && dueMs >= this.#dueMs) return;
    if (afterMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#dueMs = undefined;
      onDue();
    }, afterMs);
  }

  /** Whatever bound is set next holds. */
  unbound(): void {
    clearTimeout(this.#timer);
    this.#dueMs = undefined;
  }

  end(): void {
    this.#ended?.resolve();
  }
}
