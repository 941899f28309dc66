/**
 * One WebSocket of a manager, from `connect` until its socket is destroyed. Owns the sending, and the steps of its
 * close: handshake, then terminate, then abandon. Knows nothing of other connections.
 */
import type { WebSocket } from 'ws';
import { bytesOf, checkData, type SendData } from './delivery/message-store.ts';
import type { Reception } from './delivery/send-to-each.ts';
import { freshId } from './identity/ids.ts';
import type { ConnectionHost, ConnectionOwner } from './internal/connection-owner.ts';
import type { ConnectionPort, ConnectionState } from './internal/connection-port.ts';
import {
  kClose,
  kConnectionGone,
  kDisconnect,
  kDisconnected,
  kFailed,
  kHost,
  kOffer,
  kPeerDone,
  kSlowReader,
} from './internal/symbols.ts';
import { checkCloseCode, checkCloseText } from './options/option-checks.ts';
import { CLOSE_CODES } from './socket/close-codes.ts';
import { type CloseOrder, DETACH_MS } from './socket/close-order.ts';
import { ClosingState } from './socket/closing-state.ts';
import { listen, unlisten } from './socket/connection-listeners.ts';
import { PeerActivity } from './socket/peer-activity.ts';
import { policyDisconnectOrder } from './socket/policy-disconnect.ts';
import { isOversize, isTornDown, lowerMaxPayload } from './socket/ws-internals.ts';
import type { ConnectionCause, PolicyDisconnectCause } from './telemetry/reasons.ts';

/**
 * Made by `WebSocketManager.connect` only. `M` is the class of the manager. It is a parameter since `manager.ts` imports
 * this file, and an import back would be a cycle. `manager.ts` exports the type for the one class that there is.
 */
export class WebSocketConnection<M extends ConnectionOwner = ConnectionOwner>
  extends PeerActivity<M>
  implements ConnectionPort
{
  #id: string | undefined;
  #state: ConnectionState = 'open';
  #closingState: ClosingState | undefined;

  constructor(manager: M, id: string | undefined, socket: WebSocket) {
    super(manager, socket);
    this.#id = id;
    listen(this, socket);
    lowerMaxPayload(socket, this.#host.options.maxPayloadBytes);
  }

  get #host(): ConnectionHost {
    return this.manager[kHost];
  }

  /** Unique within its manager. Unless it was given, it is made when it is first read. */
  get id(): string {
    this.#id ??= freshId();
    return this.#id;
  }

  /** `closing` from the first close on, by whichever side; `closed` once the socket is destroyed. */
  get state(): ConnectionState {
    if (this.#state === 'open' && this.socket.readyState !== this.socket.OPEN) return 'closing';
    return this.#state;
  }

  /** Whether it took a `terminate`, since no closing handshake came to an end in time. */
  get terminated(): boolean {
    return this.#closingState?.terminated ?? false;
  }

  /**
   * Sends to this connection and no other. True when the message was sent; false when the connection is not open, or
   * reads too slowly (`maxBufferedBytes`, `slowReaderPolicy`). The message is not queued in that case.
   *
   * @throws {TypeError} for what `ws` cannot send, and for `undefined` and `null`.
   */
  send(data: SendData): boolean {
    checkData(data);
    return this.#host.dispatcher.run(() => this[kOffer](data) === 'sent');
  }

  /**
   * Closes this connection and no other. Settles when the socket is destroyed, at the latest after
   * `closeTimeoutMs` and a moment: a peer that does not answer is terminated. Calling it again returns
   * the same promise. The manager is kept until its grace is over.
   *
   * @throws {InvalidOptionError} (as a rejection) for a code that may not be sent, or a reason of more
   *   than 123 bytes. Nothing is closed then.
   */
  async release(code: number = CLOSE_CODES.normal, reason = ''): Promise<void> {
    checkCloseCode(code);
    checkCloseText(reason);
    if (this.#state === 'closed') return;
    this.#closingState ??= new ClosingState('released');
    const { ended } = this.#closingState;
    const handshakeMs = this.#host.options.closeTimeoutMs;
    // Stryker disable next-line StringLiteral: the cause was written one line before
    this[kClose]({ cause: 'released', code, text: reason, handshakeMs, detachMs: DETACH_MS });
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** Begins to close, or bounds a close that has begun more tightly. Never extends its bound. */
  [kClose](order: CloseOrder): void {
    if (this.#state === 'closed') return;
    const begins = this.#state === 'open';
    this.#state = 'closing';
    this.#closingState ??= new ClosingState(order.cause);
    const closingState = this.#closingState;
    if (closingState.terminated) {
      closingState.bound(order.detachMs, () => this.#abandon());
      return;
    }
    if (order.handshakeMs <= 0) {
      this.#terminate(closingState, order.detachMs);
      return;
    }
    if (begins) {
      try {
        const text = typeof order.text === 'string' ? order.text : order.text();
        this.socket.close(order.code, text);
      } catch (error) {
        this.#host.dispatcher.hookFailed('socket', error, this.manager.context.userId);
        this.#terminate(closingState, order.detachMs);
        return;
      }
    }
    closingState.bound(order.handshakeMs, () => this.#terminate(closingState, order.detachMs));
  }

  /** Disconnects the peer, of the registry's own accord. Without effect when the connection is closing already. */
  [kDisconnect](cause: PolicyDisconnectCause): void {
    if (this.#state !== 'open') return;
    const order = policyDisconnectOrder(cause, this.#host.options.closeTimeoutMs);
    this.#host.dispatcher.run(() => {
      this.manager[kDisconnected](this, cause, order.code);
      this[kClose](order);
    });
    // Whatever the peer still sends is discarded, and reading it is what the limit is there to avoid.
    if (cause === 'frame-rate') this.socket.pause();
  }

  /** Sends, unless the socket would have more waiting than it may. Throws what `ws` throws. */
  [kOffer](data: SendData): Reception {
    if (this.state !== 'open') return 'closed';
    const { maxBufferedBytes, slowReaderPolicy } = this.#host.options;
    const waiting = this.socket.bufferedAmount;
    if (waiting > 0) {
      const bytes = bytesOf(data);
      if (waiting + bytes > maxBufferedBytes) {
        if (slowReaderPolicy === 'close') {
          this[kDisconnect]('slow-reader');
          return 'closed';
        }
        this.manager[kSlowReader](this, bytes);
        return 'dropped';
      }
    }
    this.socket.send(data);
    return 'sent';
  }

  /**
   * An error of a WebSocket is followed by its `close`, but only when the peer closes the TCP connection,
   * for which `ws` gives it 30 s. A failed connection gets the bounds of every closing one.
   */
  [kFailed](error: unknown): void {
    // `ws` has sent the close frame by now, so this only bounds the rest of the close.
    if (isOversize(error)) this[kDisconnect]('message-size');
    const handshakeMs = this.#host.options.closeTimeoutMs;
    const code = CLOSE_CODES.failed;
    this[kClose]({ cause: 'failed', code, text: '', handshakeMs, detachMs: DETACH_MS });
  }

  /**
   * The peer has sent a close frame or a FIN. If it then keeps the TCP connection open, or does not read
   * what was sent to it, the connection gets the bounds of every closing one.
   */
  [kPeerDone](): void {
    // A close that has begun already has a bound, which may be longer: that of a drain is.
    if (this.#state !== 'open' || isTornDown(this.socket)) return;
    const handshakeMs = this.#host.options.closeTimeoutMs;
    const code = CLOSE_CODES.normal;
    this[kClose]({ cause: 'peer', code, text: '', handshakeMs, detachMs: DETACH_MS });
  }

  /** The socket is destroyed, or was abandoned. Ends `closing`, exactly once. */
  [kConnectionGone](code: number, reason: string, cause: ConnectionCause = 'peer'): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closingState?.unbound();
    this.#host.inspectionWheel.leave(this);
    unlisten(this.socket);
    this.manager[kConnectionGone](this, code, reason, this.#closingState?.cause ?? cause);
    this.#closingState?.end();
  }

  #terminate(closingState: ClosingState, detachMs: number): void {
    closingState.terminated = true;
    closingState.unbound();
    try {
      this.socket.terminate();
    } catch (error) {
      this.#host.dispatcher.hookFailed('socket', error, this.manager.context.userId);
    }
    closingState.bound(detachMs, () => this.#abandon());
  }

  /** A terminated socket that never emitted `close` must not hold a slot for ever. */
  #abandon(): void {
    const { dispatcher } = this.#host;
    dispatcher.enter();
    try {
      // The socket may still fail, and an `error` without a listener ends the process.
      this.socket.on('error', ignoreError);
      const error = new Error('A terminated socket did not close; it was given up');
      dispatcher.hookFailed('socket', error, this.manager.context.userId);
      this[kConnectionGone](1006, '');
    } finally {
      dispatcher.leave();
    }
  }
}

function ignoreError(): void {}
