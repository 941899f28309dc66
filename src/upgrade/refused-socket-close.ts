/**
 * The end of a WebSocket that was accepted to be refused. Owns its bound; no manager ever knew it.
 */
import type { WebSocket } from 'ws';
import { Deferred } from '../internal/deferred.ts';
import { DETACH_MS } from '../socket/close-order.ts';

export class RefusedSocketClose {
  readonly #webSocket: WebSocket;
  readonly #over = new Deferred<void>();
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(webSocket: WebSocket, code: number, reason: string) {
    this.#webSocket = webSocket;
    webSocket.on('error', ignoreError);
    webSocket.once('close', this.#onClose);
    webSocket.close(code, reason);
  }

  /** Settles when the socket is gone. Bounded by `endWithin`. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Terminates it after so many milliseconds. Never puts that off. */
  endWithin(boundMs: number): void {
    const dueMs = performance.now() + boundMs;
    if (dueMs >= this.#timerDueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timerDueMs = Number.NEGATIVE_INFINITY;
      // One that does not even close when terminated is left to itself.
      this.#timer = setTimeout(() => this.#over.resolve(), DETACH_MS);
      this.#webSocket.terminate();
    }, boundMs);
  }

  readonly #onClose = (): void => {
    clearTimeout(this.#timer);
    this.#timerDueMs = Number.NEGATIVE_INFINITY;
    this.#webSocket.off('error', ignoreError);
    this.#over.resolve();
  };
}

function ignoreError(): void {}
