/**
 * The simulated client without a WebSocket library: a TCP connection that sends prepared bytes and keeps the bytes that
 * it receives. It parses only the head of the HTTP response.
 */
import net from 'node:net';

/** What a raw client sends, and how its connection ends. All text is latin1: a character is a byte. */
export interface RawScript {
  readonly opening: string;
  /** Sent when the handshake is done; never if it is refused. @default nothing */
  readonly following?: string | Buffer;
  /** What the client does when it has sent everything. @default 'wait' */
  readonly leaving?: 'wait' | 'end' | 'reset';
  /** Virtual milliseconds that it waits before that. @default 0 */
  readonly afterMs?: number;
}

export class RawClient {
  /** Latin1. */
  received = '';
  /** How the server ended the connection; `none` if it did not. */
  ending: 'end' | 'reset' | 'none' = 'none';
  isClosed = false;
  readonly #script: RawScript;
  #socket: net.Socket | undefined;
  #isUpgraded = false;

  constructor(script: RawScript) {
    this.#script = script;
  }

  /** To be called as code of the client's host. */
  connect(onClose?: () => void): void {
    const { opening, following = '' } = this.#script;
    const socket = net.connect({ port: 8080, host: 'server', allowHalfOpen: true });
    this.#socket = socket;
    socket.on('error', () => {
      if (this.ending === 'none') this.ending = 'reset';
    });
    socket.on('end', () => {
      this.ending = 'end';
      socket.end();
    });
    socket.on('data', (bytes) => this.#hear(socket, bytes));
    socket.on('close', () => {
      this.isClosed = true;
      onClose?.();
    });
    socket.write(opening, 'latin1');
    if (following.length === 0) this.#leave(socket);
  }

  /** Whether the response is complete: the server said so, or the connection ended. */
  get hasEnded(): boolean {
    return this.ending === 'end' || this.isClosed;
  }

  /** With a RST. */
  reset(): void {
    this.#socket?.resetAndDestroy();
  }

  destroy(): void {
    this.#socket?.destroy();
  }

  #hear(socket: net.Socket, bytes: Buffer): void {
    this.received += bytes.toString('latin1');
    const { following = '' } = this.#script;
    if (this.#isUpgraded || following.length === 0 || statusIn(this.received) !== '101') return;
    this.#isUpgraded = true;
    if (typeof following === 'string') socket.write(following, 'latin1');
    else socket.write(following);
    this.#leave(socket);
  }

  #leave(socket: net.Socket): void {
    const { leaving = 'wait', afterMs = 0 } = this.#script;
    if (leaving === 'end') setTimeout(() => socket.end(), afterMs);
    else if (leaving === 'reset') setTimeout(() => socket.resetAndDestroy(), afterMs);
  }
}

/** The status of a response whose head has arrived completely. */
export function statusIn(received: string): string | undefined {
  if (!received.includes('\r\n\r\n')) return undefined;
  return /^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1];
}
