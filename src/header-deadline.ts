/**
 * Bounds a connection whose request headers never finish, from the `connection` event on. Owns one
 * timer a connection until its first request; later requests are bounded by Node's own timeouts.
 */
import type { IncomingMessage, Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { closedWithin, LINGER_MS, Refusal, refusalBytes } from './refusal.ts';

interface Waiting {
  readonly timer: NodeJS.Timeout;
  readonly onClose: () => void;
}

export class HeaderDeadline {
  readonly #server: Server;
  readonly #headersTimeoutMs: number;
  readonly #event: 'connection' | 'secureConnection';
  readonly #waiting = new Map<Duplex, Waiting>();

  constructor(server: Server, headersTimeoutMs: number) {
    this.#server = server;
    this.#headersTimeoutMs = headersTimeoutMs;
    // Over TLS the request arrives on the encrypted socket; Node bounds the TLS handshake itself.
    this.#event = server instanceof HttpsServer ? 'secureConnection' : 'connection';
    server.on(this.#event, this.#onConnection);
    server.on('request', this.#onRequest);
  }

  /**
   * Stops watching. Connections that are waiting are left to Node's own timeouts, which end with
   * `server.close()`: after that it takes a `closeAllConnections()` to be rid of half a request.
   */
  stop(): void {
    this.#server.off(this.#event, this.#onConnection);
    this.#server.off('request', this.#onRequest);
    for (const socket of [...this.#waiting.keys()]) this.#forget(socket);
  }

  readonly #onConnection = (socket: Duplex): void => {
    const onClose = (): void => this.#forget(socket);
    const timer = setTimeout(() => this.#expire(socket), this.#headersTimeoutMs);
    this.#waiting.set(socket, { timer, onClose });
    socket.once('close', onClose);
  };

  /** The headers of this request are complete. For `upgrade`, whose listener is the attachment's. */
  headersCame(request: IncomingMessage): void {
    this.#forget(request.socket);
  }

  readonly #onRequest = (request: IncomingMessage): void => this.headersCame(request);

  #forget(socket: Duplex): void {
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    socket.off('close', waiting.onClose);
    this.#waiting.delete(socket);
  }

  #expire(socket: Duplex): void {
    this.#forget(socket);
    if (socket.destroyed || isServed(socket)) return;
    socket.on('error', ignoreError);
    const refusal = new Refusal(408, 'The request headers took too long');
    // Once the answer is out the socket goes: waiting longer would let a late request through.
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
