/**
 * Bounds connections whose request headers never finish, from the `connection` event on. Owns the sockets
 * without a first request, and one timer for all of them; later requests are bounded by Node's own timeouts.
 */
import type { IncomingMessage, Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { closedWithin, LINGER_MS, Refusal, refusalBytes } from './refusal.ts';

export class HeaderDeadline {
  readonly #server: Server;
  readonly #headersTimeoutMs: number;
  readonly #event: 'connection' | 'secureConnection';
  /** When each is due, in the order in which they connected and are due. */
  readonly #waiting = new Map<Duplex, number>();
  readonly #onClose: (this: Duplex) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: Server, headersTimeoutMs: number) {
    this.#server = server;
    this.#headersTimeoutMs = headersTimeoutMs;
    // Over TLS the request arrives on the encrypted socket; Node bounds the TLS handshake itself.
    this.#event = server instanceof HttpsServer ? 'secureConnection' : 'connection';
    const forget = (socket: Duplex): void => this.#forget(socket);
    // One for all sockets.
    this.#onClose = function onClose(this: Duplex): void {
      forget(this);
    };
    server.on(this.#event, this.#onConnection);
    server.on('request', this.#onRequest);
  }

  /**
   * Stops watching. Connections that are waiting are left to Node's own timeouts, which end with
   * `server.close()`: after that only `closeAllConnections()` ends half a request.
   */
  stop(): void {
    this.#server.off(this.#event, this.#onConnection);
    this.#server.off('request', this.#onRequest);
    for (const socket of [...this.#waiting.keys()]) this.#forget(socket);
  }

  readonly #onConnection = (socket: Duplex): void => {
    this.#waiting.set(socket, performance.now() + this.#headersTimeoutMs);
    socket.on('close', this.#onClose);
    if (this.#timer === undefined) this.#arm(this.#headersTimeoutMs);
  };

  /** The headers of this request are complete. For `upgrade`, whose listener is the attachment's. */
  headersComplete(request: IncomingMessage): void {
    this.#forget(request.socket);
  }

  readonly #onRequest = (request: IncomingMessage): void => this.headersComplete(request);

  #forget(socket: Duplex): void {
    if (!this.#waiting.delete(socket)) return;
    socket.off('close', this.#onClose);
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(afterMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#expireDue();
    }, afterMs);
  }

  #expireDue(): void {
    const nowMs = performance.now();
    for (const [socket, dueMs] of this.#waiting) {
      if (dueMs > nowMs) {
        this.#arm(Math.ceil(dueMs - nowMs));
        return;
      }
      this.#expire(socket);
    }
  }

  #expire(socket: Duplex): void {
    this.#forget(socket);
    if (socket.destroyed || isServed(socket)) return;
    socket.on('error', ignoreError);
    const refusal = new Refusal(408, 'The request headers took too long');
    // Once the answer is written the socket is destroyed: waiting longer would let a late request through.
    socket.end(refusalBytes(refusal), () => socket.destroy());
    void closedWithin(socket, LINGER_MS).then(() => socket.off('error', ignoreError));
  }
}

/**
 * Whether the headers did finish and were handled by an event other than `request` and `upgrade`
 * (`checkContinue`, `connect`). A listener of ours to those would change what Node does.
 */
function isServed(socket: Duplex): boolean {
  const seen: { bytesWritten?: unknown; _httpMessage?: unknown } = Object(socket);
  const wrote = typeof seen.bytesWritten === 'number' && seen.bytesWritten > 0;
  return wrote || (seen._httpMessage !== undefined && seen._httpMessage !== null);
}

function ignoreError(): void {}
