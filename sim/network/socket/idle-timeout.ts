/** `timeout` of a socket: emitted after a time without activity. Does not end the connection. */
import type { AsyncResource } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';

/** What it needs of its socket. */
interface IdleSocket extends EventEmitter {
  readonly resource: AsyncResource;
  readonly destroyed: boolean;
  /** Milliseconds; 0 is off, and `undefined` never set. */
  readonly timeout: number | undefined;
}

export class IdleTimeout {
  readonly #socket: IdleSocket;
  #timer: NodeJS.Timeout | undefined;
  /** On the clock of `performance.now()`. */
  lastActivityMs = 0;

  constructor(socket: IdleSocket) {
    this.#socket = socket;
  }

  /** The time was set anew. */
  restart(): void {
    this.stop();
    if (this.#socket.timeout) this.noteActivity();
  }

  noteActivity(): void {
    this.lastActivityMs = performance.now();
    // Also after it has fired: the next silence counts again.
    if (this.#socket.timeout && this.#timer === undefined && !this.#socket.destroyed) {
      // Bytes arrive outside any process, and the timer is the process's.
      this.#socket.resource.runInAsyncScope(() => {
        this.#timer = setTimeout(() => this.#check(), this.#socket.timeout);
      });
    }
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One timer a socket, set anew only when it fires: activity just takes the time. */
  #check(): void {
    const ms = this.#socket.timeout ?? 0;
    const idleMs = performance.now() - this.lastActivityMs;
    if (idleMs >= ms) {
      this.#timer = undefined;
      this.#socket.emit('timeout');
    } else {
      this.#timer = setTimeout(() => this.#check(), ms - idleMs);
    }
  }
}
