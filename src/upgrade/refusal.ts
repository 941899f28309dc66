/**
 * A refusal of an upgrade: a complete HTTP/1.1 answer, or a close code, and the end of its socket. Owns which error
 * gets which answer, the bytes and the bound; when an upgrade is refused is the upgrade's business.
 */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import {
  InvalidContextError,
  LeaktightError,
  ManagerClosedError,
  ManagerLimitError,
  RegistryClosedError,
} from '../errors.ts';
import { Deferred } from '../internal/deferred.ts';
import { DETACH_MS } from '../socket/close-order.ts';

/** Milliseconds that a refused peer has to take the answer and leave. */
export const LINGER_MS = 2_000;

/** Seconds after which a client may try another server, when this one is going away. */
const RETRY_AFTER_CLOSED_S = 5;

/** The reason of a refusal when a hook of the application throws, or answers with what it must not. */
export const CHECK_FAILED = 'The check failed';

/** What an upgrade is refused with. Thrown, but no `Error`: it is an answer and needs no stack. */
export class Refusal {
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

/** The refusal that answers an error; undefined for an error that only the server can be blamed for. */
export function refusalFor(cause: unknown): Refusal | undefined {
  if (cause instanceof Refusal) return cause;
  if (cause instanceof InvalidContextError) return new Refusal(400, `Invalid ${cause.field}`);
  if (cause instanceof ManagerLimitError) {
    const seconds = Math.max(1, Math.ceil(cause.retryAfterMs / 1_000));
    const status = cause.code === 'ERR_LEAKTIGHT_TOTAL_LIMIT' ? 503 : 429;
    return new Refusal(status, 'Too many connections', { 'Retry-After': String(seconds) });
  }
  if (cause instanceof RegistryClosedError || cause instanceof ManagerClosedError) {
    return closedRefusal();
  }
  return undefined;
}

export function closedRefusal(): Refusal {
  return new Refusal(503, 'The server is going away', {
    'Retry-After': String(RETRY_AFTER_CLOSED_S),
  });
}

/** The reason of the close frame that answers an error after the handshake. */
export function closeReasonFor(error: unknown): string {
  if (error instanceof LeaktightError) return error.code;
  return error instanceof Refusal ? error.reason : 'failed';
}

/** The answer, byte for byte the same each time: without a date. */
export function refusalBytes({ status, reason, headers }: Refusal): string {
  const body = `${reason}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Answers, and settles when the socket is closed: by the peer, or by us after `LINGER_MS`. The socket
 * must have an `error` listener, and keep it until then.
 */
export function refuse(socket: Duplex, refusal: Refusal): Promise<void> {
  if (!socket.destroyed && socket.writable) {
    // Bytes that the peer still sends are discarded unread: closing a socket with unread bytes resets the
    // connection, and a reset can take the answer with it. A half-closed peer can still be written to.
    socket.resume();
    socket.end(refusalBytes(refusal));
  }
  return closedWithin(socket, LINGER_MS);
}

/** Settles when the socket is closed, which it is made to be after `boundMs`. */
export function closedWithin(socket: Duplex, boundMs: number): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    let timer = setTimeout(() => {
      // A stream that does not even close when destroyed is abandoned.
      timer = setTimeout(() => {
        socket.off('close', onClose);
        resolve();
      }, DETACH_MS);
      socket.destroy();
    }, boundMs);
    const onClose = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.once('close', onClose);
  });
}

/** The close of a WebSocket that was accepted to be refused. Owns its bound; no manager ever knew it. */
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

  /** Settles when the socket is closed. Bounded by `endWithin`. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Terminates it after so many milliseconds. A later call only makes that earlier. */
  endWithin(boundMs: number): void {
    const dueMs = performance.now() + boundMs;
    if (dueMs >= this.#timerDueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timerDueMs = Number.NEGATIVE_INFINITY;
      // A socket that does not even close when terminated is abandoned.
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
