/**
 * A refusal at the door: a complete HTTP/1.1 answer, and the end of its socket. Owns the bytes and
 * the bound; why somebody is refused is the upgrade's business.
 */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { DETACH_MS } from '../socket/close-order.ts';

/** Milliseconds that a refused peer has to take the answer and leave. */
export const LINGER_MS = 2_000;

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
    // What the peer still sends is thrown away unread: closing a socket with unread bytes resets the
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
      // A stream that does not even close when destroyed is left to itself.
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
