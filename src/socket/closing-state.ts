/**
 * The close of one connection: its cause, its bound, and the promise of its end. Made when the close begins, since
 * most connections are open, and each would hold one.
 */
import { Deferred } from '../internal/deferred.ts';
import type { ConnectionCause } from '../telemetry/reasons.ts';

export class ClosingState {
  /** Why the close began. */
  readonly cause: ConnectionCause;
  /** Whether it took a `terminate`. */
  terminated = false;
  #timer: NodeJS.Timeout | undefined;
  #dueMs: number | undefined;
  #ended: Deferred<void> | undefined;

  constructor(cause: ConnectionCause) {
    this.cause = cause;
  }

  /** Settles at the end, which its reader must have bounded. */
  get ended(): Promise<void> {
    this.#ended ??= new Deferred();
    return this.#ended.promise;
  }

  /** One bound at a time, the earlier of two: `onDue` is called unless it ends first. An infinite one sets none. */
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

  /** Clears the bound, so that the next one holds whatever it is. */
  unbound(): void {
    clearTimeout(this.#timer);
    this.#dueMs = undefined;
  }

  end(): void {
    this.#ended?.resolve();
  }
}
