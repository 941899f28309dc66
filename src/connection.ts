/**
 * One WebSocket of a manager, from `connect` until its socket is destroyed. Owns the listeners on the
 * socket and the bounded way out: handshake, then terminate, then give up. Knows nothing of limits.
 */
import type { WebSocket } from 'ws';
import { Deferred } from './deferred.ts';
import {
  CLOSE_CODES,
  type CloseOrder,
  DETACH_MS,
  kBytesRead,
  kClose,
  kConnection,
  kConnectionGone,
  kFailed,
  kFrameSeen,
  kFrames,
} from './internals.ts';
import type { ManagerHost, WebSocketManager } from './manager.ts';
import { checkCloseCode, checkCloseText } from './option-checks.ts';

export type ConnectionState = 'open' | 'closing' | 'closed';

/** The socket points back, so that listeners can be shared functions: none is made per connection. */
interface OwnedSocket extends WebSocket {
  [kConnection]?: WebSocketConnection | undefined;
}

/** Whether some registry already holds this socket. */
export function isOwned(socket: OwnedSocket): boolean {
  return socket[kConnection] !== undefined;
}

/** Made by `WebSocketManager.connect` only. */
export class WebSocketConnection {
  readonly id: string;
  readonly manager: WebSocketManager;
  readonly socket: WebSocket;
  /** On the clock of `performance.now()`. */
  readonly openedAtMs: number;
  readonly #host: ManagerHost;
  #state: ConnectionState = 'open';
  #frames = 0;
  #lastSeenMs: number;
  #terminated = false;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #closed: Deferred<void> | undefined;

  constructor(host: ManagerHost, manager: WebSocketManager, id: string, socket: WebSocket) {
    this.#host = host;
    this.id = id;
    this.manager = manager;
    this.socket = socket;
    this.openedAtMs = performance.now();
    this.#lastSeenMs = this.openedAtMs;
    const owned: OwnedSocket = socket;
    owned[kConnection] = this;
    socket.on('close', onClose);
    socket.on('error', onError);
    socket.on('message', onFrame);
    socket.on('ping', onFrame);
    socket.on('pong', onFrame);
  }

  /** `closing` from the first close on, by whichever side; `closed` once the socket is destroyed. */
  get state(): ConnectionState {
    if (this.#state === 'open' && this.socket.readyState !== this.socket.OPEN) return 'closing';
    return this.#state;
  }

  /** When the peer last sent a frame, on the clock of `performance.now()`. Our sends do not count. */
  get lastSeenMs(): number {
    return this.#lastSeenMs;
  }

  /** Whether it took a `terminate`, since no closing handshake came to an end in time. */
  get terminated(): boolean {
    return this.#terminated;
  }

  /**
   * Closes this connection and no other. Settles when the socket is destroyed, at the latest after
   * `closeTimeoutMs` and a moment: a peer that does not answer is terminated. Calling it again returns
   * the same promise. The manager stays until its grace is over.
   *
   * @throws {InvalidOptionError} (as a rejection) for a code that may not be sent, or a reason of more
   *   than 123 bytes. Nothing is closed then.
   */
  async release(code: number = CLOSE_CODES.normal, reason = ''): Promise<void> {
    checkCloseCode(code);
    checkCloseText(reason);
    if (this.#state === 'closed') return;
    this.#closed ??= new Deferred();
    const handshakeMs = this.#host.options.closeTimeoutMs;
    this[kClose]({ code, text: reason, handshakeMs, detachMs: DETACH_MS });
    return this.#closed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** Begins to close, or brings the end of a close nearer. Never puts it off. */
  [kClose](order: CloseOrder): void {
    if (this.#state === 'closed') return;
    const begins = this.#state === 'open';
    this.#state = 'closing';
    if (this.#terminated) {
      this.#arm(order.detachMs);
      return;
    }
    if (order.handshakeMs <= 0) {
      this.#terminate(order.detachMs);
      return;
    }
    if (begins) {
      try {
        this.socket.close(order.code, order.text);
      } catch (error) {
        this.#host.journal.hookFailed('socket', error, this.manager.context.userId);
        this.#terminate(order.detachMs);
        return;
      }
    }
    this.#arm(order.handshakeMs, order.detachMs);
  }

  get [kFrames](): number {
    return this.#frames;
  }

  /**
   * Bytes that arrived, where the socket tells. A peer in the middle of one large frame cannot answer
   * a ping before its end (RFC 6455, 5.4), but its bytes arrive.
   */
  get [kBytesRead](): number {
    const { _socket: raw }: { _socket?: { bytesRead?: unknown } | null } = Object(this.socket);
    return typeof raw?.bytesRead === 'number' ? raw.bytesRead : 0;
  }

  [kFrameSeen](): void {
    this.#frames += 1;
    this.#lastSeenMs = performance.now();
    this.manager[kFrameSeen](this.#lastSeenMs);
  }

  /**
   * An error of a WebSocket is followed by its `close`, but only when the peer lets go of the connection,
   * for which `ws` gives it 30 s. A failed connection has what every closing one has.
   */
  [kFailed](): void {
    const handshakeMs = this.#host.options.closeTimeoutMs;
    this[kClose]({ code: CLOSE_CODES.failed, text: '', handshakeMs, detachMs: DETACH_MS });
  }

  /** The socket is gone, or was given up. The only way out of `closing`, once. */
  [kConnectionGone](code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const owned: OwnedSocket = this.socket;
    owned[kConnection] = undefined;
    this.socket.off('close', onClose);
    this.socket.off('error', onError);
    this.socket.off('message', onFrame);
    this.socket.off('ping', onFrame);
    this.socket.off('pong', onFrame);
    this.manager[kConnectionGone](this, code, reason);
    this.#closed?.resolve();
  }

  /** One timer at a time; the earlier of two bounds holds. An infinite bound sets none. */
  #arm(afterMs: number, detachMs?: number): void {
    const dueMs = performance.now() + afterMs;
    if (dueMs >= this.#timerDueMs || afterMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timerDueMs = Number.POSITIVE_INFINITY;
      if (detachMs === undefined) this.#giveUp();
      else this.#terminate(detachMs);
    }, afterMs);
  }

  #terminate(detachMs: number): void {
    this.#terminated = true;
    clearTimeout(this.#timer);
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    try {
      this.socket.terminate();
    } catch (error) {
      this.#host.journal.hookFailed('socket', error, this.manager.context.userId);
    }
    this.#arm(detachMs);
  }

  /** A terminated socket that never said `close`: it must not hold a slot for ever. */
  #giveUp(): void {
    const { journal } = this.#host;
    journal.enter();
    try {
      // What is left of the socket may still fail, and an `error` without a listener ends the process.
      this.socket.on('error', ignoreError);
      const error = new Error('A terminated socket did not close; it was given up');
      journal.hookFailed('socket', error, this.manager.context.userId);
      this[kConnectionGone](1006, '');
    } finally {
      journal.leave();
    }
  }
}

function onClose(this: OwnedSocket, code: number, reason: Buffer): void {
  this[kConnection]?.[kConnectionGone](code, reason.toString());
}

function onFrame(this: OwnedSocket): void {
  this[kConnection]?.[kFrameSeen]();
}

function onError(this: OwnedSocket): void {
  this[kConnection]?.[kFailed]();
}

function ignoreError(): void {}
