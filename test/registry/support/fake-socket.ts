/** A socket without a network below it. Holds no assertions. */
import { EventEmitter } from 'node:events';

/** What a peer does about a ping, and about a close frame or the end of its side. */
export interface Manners {
  readonly pongs?: boolean;
  readonly closes?: boolean;
  /** Whether the socket emits `close` when it is terminated. */
  readonly dies?: boolean;
}

/** As much of a `ws` socket as the registry uses. Its peer answers a millisecond later, or never. */
export class FakeSocket extends EventEmitter {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  readonly sent: unknown[] = [];
  /** When each was, on the clock of `performance.now()`. */
  readonly pingedAtMs: number[] = [];
  readonly closed: { readonly code: number; readonly text: string; readonly atMs: number }[] = [];
  terminatedAtMs: number | undefined;
  readonly _socket = {
    bytesRead: 0,
    destroyed: false,
    _bytesDispatched: 0,
    _handle: { writeQueueSize: 0 },
  };
  readonly _receiver = Object.assign(new EventEmitter(), { _maxPayload: 0 });
  manners: Manners;

  constructor(manners: Manners = {}) {
    super();
    this.manners = manners;
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  ping(): void {
    this.pingedAtMs.push(performance.now());
    if (this.manners.pongs !== false) setTimeout(() => this.emit('pong', Buffer.alloc(0)), 1);
  }

  pause(): void {
    this.isPaused = true;
  }

  close(code: number, text: string): void {
    this.readyState = this.CLOSING;
    this.closed.push({ code, text, atMs: performance.now() });
    if (this.manners.closes !== false) setTimeout(() => this.gone(code, text), 1);
  }

  terminate(): void {
    this.readyState = this.CLOSING;
    this.terminatedAtMs = performance.now();
    if (this.manners.dies !== false) setTimeout(() => this.gone(1006, ''), 1);
  }

  /** The socket is destroyed, and emits `close`. */
  gone(code: number, text: string): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    this._socket.destroyed = true;
    this.emit('close', code, Buffer.from(text));
  }

  /** A message from the peer. */
  says(text: string): void {
    this.emit('message', Buffer.from(text), false);
  }
}
