/**
 * The manager of one isolation key: its connections and its outbox. Owns both; how long it lives and how it closes is
 * in `liveness/manager-lifecycle.ts`, and which acquire gets a manager is decided by the admission.
 */
import type { WebSocket } from 'ws';
import type { UserSlots } from './admission/user-slots.ts';
import { WebSocketConnection as ConnectionOf } from './connection.ts';
import { bytesOf, checkData, type SendData } from './delivery/message-store.ts';
import { Outbox, reportDropped } from './delivery/outbox.ts';
import { sendToEach } from './delivery/send-to-each.ts';
import { ManagerClosedError, RegistryClosedError } from './errors.ts';
import { checkId } from './identity/ids.ts';
import { checkOwner } from './identity/owner-check.ts';
import type { UserExecutionContext } from './identity/user-execution-context.ts';
import type { ManagerHost } from './internal/manager-host.ts';
import type { ManagerSnapshot } from './internal/manager-port.ts';
import {
  kAbandonMessages,
  kClose,
  kCloseConnections,
  kConnectionGone,
  kDisconnected,
  kFinishClose,
  kFreeSlot,
  kHost,
  kIdleLifetime,
  kNotify,
  kSlowReader,
  kSnapshot,
  kSocketCount,
  kSockets,
  kSubject,
  kUserSlots,
} from './internal/symbols.ts';
import { ManagerLifecycle } from './liveness/manager-lifecycle.ts';
import {
  CONNECT_OPTIONS,
  CONTEXT_OPTIONS,
  type ConnectOptions,
  type SendOptions,
} from './options/call-options.ts';
import { checkNames } from './options/option-checks.ts';
import { CLOSE_CODES } from './socket/close-codes.ts';
import { type CloseOrder, DETACH_MS } from './socket/close-order.ts';
import { checkConnectionLimits } from './socket/connection-limits.ts';
import { ConnectionSet } from './socket/connection-set.ts';
import { checkSocket } from './socket/socket-check.ts';
import type { ConnectionOpened } from './telemetry/event-map.ts';
import type { CloseReason, ConnectionCause, PolicyDisconnectCause } from './telemetry/reasons.ts';

/** A connection of such a manager. */
export type WebSocketConnection = ConnectionOf<WebSocketManager>;

/** Made by `registry.acquire` only. */
export class WebSocketManager extends ManagerLifecycle {
  readonly [kHost]: ManagerHost<WebSocketManager>;
  readonly #connectionSet = new ConnectionSet<WebSocketConnection>();
  /** The slots of its user, which count it for as long as it holds one. */
  readonly [kUserSlots]: UserSlots<WebSocketManager>;
  #outbox: Outbox | undefined;

  constructor(
    host: ManagerHost<WebSocketManager>,
    userSlots: UserSlots<WebSocketManager>,
    context: UserExecutionContext,
    nowMs: number,
  ) {
    super(context, nowMs);
    this[kHost] = host;
    this[kUserSlots] = userSlots;
  }

  /**
   * A snapshot by connection id: every connection whose socket is not destroyed, except those that
   * lost their id to a successor and are closing.
   */
  get connections(): ReadonlyMap<string, WebSocketConnection> {
    return this.#connectionSet.snapshot();
  }

  /** Messages that wait for a connection. */
  get queuedMessages(): number {
    return this.#outbox?.size ?? 0;
  }

  get queuedBytes(): number {
    return this.#outbox?.bytes ?? 0;
  }

  /**
   * Gives `socket` to this manager, which closes it when it closes itself. The connection releases itself when
   * the socket closes, for whatever reason. The messages of the outbox are sent to it first of all.
   *
   * @throws {ManagerClosedError} when the manager is not open: acquire again.
   * @throws {RegistryClosedError} when the registry shuts down.
   * @throws {IsolationError} when `context` is of another user or thread. Nothing is changed, and a
   *   `securityViolation` is counted.
   * @throws {InvalidOptionError} naming an option that is unknown.
   * @throws {ConnectionLimitError} at `maxConnectionsPerManager` open connections.
   * @throws {LeaktightError} `ERR_LEAKTIGHT_SOCKET_NOT_OPEN`, `ERR_LEAKTIGHT_SOCKET_IN_USE`, or
   *   `ERR_LEAKTIGHT_DUPLICATE_CONNECTION` with `duplicateConnection: 'refuse'`.
   *
   * Whatever is thrown, the socket is left as it was: closing it is the caller's decision.
   */
  connect(socket: WebSocket, options: ConnectOptions = {}): WebSocketConnection {
    return this[kHost].dispatcher.run(() => {
      if (this.state !== 'open') throw new ManagerClosedError(this.state);
      if (this[kHost].isClosed()) throw new RegistryClosedError();
      checkNames('ConnectOptions', options, CONNECT_OPTIONS);
      checkOwner(this[kHost].dispatcher, this, 'connect', options.context);
      checkSocket(socket);
      const { connectionId } = options;
      const id = connectionId === undefined ? undefined : checkId('connectionId', connectionId);
      const earlier = checkConnectionLimits(this[kHost], this, this.#connectionSet, id);
      return this.#open(socket, id, earlier);
    });
  }

  /**
   * Sends to every open connection of this manager and returns to how many: 0 when the message was queued for
   * the next one (`messageQueued`) or dropped (`messagesDropped`), never silently. It does not wait. Delivery is at
   * most once: a message that a connection had not transmitted when it broke is lost.
   *
   * @throws {IsolationError} when `context` is of another user or thread. Nothing is sent, and a
   *   `securityViolation` is counted.
   * @throws {TypeError} for what `ws` cannot send, and for `undefined` and `null`.
   * @throws {InvalidOptionError} naming an option that is unknown.
   */
  send(data: SendData, options?: SendOptions): number {
    checkData(data);
    if (options != null) checkNames('SendOptions', options, CONTEXT_OPTIONS);
    return this[kHost].dispatcher.run(() => {
      checkOwner(this[kHost].dispatcher, this, 'send', options?.context);
      const sent = sendToEach(this[kHost].dispatcher, this, this.#connectionSet.named(), data);
      if (sent === undefined) this.#keep(data);
      return sent ?? 0;
    });
  }

  /** `registry.release(this)`: removes it now if it is empty; otherwise it is removed after its last connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this[kHost].release(this);
  }

  #open(
    socket: WebSocket,
    id: string | undefined,
    earlier: WebSocketConnection | undefined,
  ): WebSocketConnection {
    const connection = new ConnectionOf(this, id, socket);
    if (earlier !== undefined) this.#replace(earlier);
    this.#connectionSet.add(connection);
    this[kHost].inspectionWheel.join(connection);
    this[kIdleLifetime].connected(connection.openedAtMs);
    this[kNotify]();
    this[kHost].dispatcher.note('connectionOpened', undefined, () => this.#about(connection));
    this.#outbox?.replay(connection);
    return connection;
  }

  #replace(earlier: WebSocketConnection): void {
    this.#connectionSet.replace(earlier);
    // A connection that was closing already is not replaced: its id was free.
    if (earlier.state !== 'open') return;
    const code = CLOSE_CODES.replacedConnection;
    this[kHost].dispatcher.record('connectionReplaced', { ...this.#about(earlier), code });
    const handshakeMs = this[kHost].options.closeTimeoutMs;
    const text = 'replaced';
    earlier[kClose]({ cause: 'replaced', code, text, handshakeMs, detachMs: DETACH_MS });
  }

  #about(connection: WebSocketConnection): ConnectionOpened<WebSocketConnection> {
    const { id: connectionId } = connection;
    return { ...this[kSubject](), connection, connectionId, connections: this.#connectionSet.size };
  }

  #keep(data: SendData): void {
    if (this.state === 'open') {
      this.#outbox ??= new Outbox(this[kHost], this);
      this.#outbox.keep(data);
    } else {
      const dropped = { messages: 1, bytes: bytesOf(data) };
      reportDropped(this[kHost].dispatcher, this, 'manager-closed', dropped);
    }
  }

  [kAbandonMessages](): void {
    this.#outbox?.abandon();
  }

  [kSlowReader](connection: WebSocketConnection, bytes: number): void {
    const dropped = { messages: 1, bytes };
    reportDropped(this[kHost].dispatcher, this, 'slow-reader', dropped, connection.id);
  }

  [kDisconnected](
    connection: WebSocketConnection,
    cause: PolicyDisconnectCause,
    code: number,
  ): void {
    const event = { ...this.#about(connection), cause, code };
    this[kHost].dispatcher.record('connectionExpelled', event);
  }

  /** Every connection whose socket is not destroyed. */
  [kSockets](): readonly WebSocketConnection[] {
    return this.#connectionSet.all();
  }

  get [kSocketCount](): number {
    return this.#connectionSet.size;
  }

  [kSnapshot](): ManagerSnapshot {
    return {
      ...this[kIdleLifetime].snapshot(performance.now()),
      sockets: this.#connectionSet.size,
      oldestQueuedAtMs: this.#outbox?.oldestAtMs,
    };
  }

  [kConnectionGone](
    connection: WebSocketConnection,
    code: number,
    reason: string,
    cause: ConnectionCause,
  ): void {
    this[kHost].dispatcher.run(() => {
      this.#connectionSet.remove(connection);
      this[kHost].dispatcher.note('connectionClosed', cause, () => ({
        ...this.#about(connection),
        code,
        reason,
        cause,
      }));
      this[kNotify]();
      if (this.#connectionSet.size > 0) return;
      if (this.state === 'closing') this[kFinishClose]();
      else this[kIdleLifetime].emptied();
    });
  }

  [kCloseConnections](order: CloseOrder): void {
    for (const connection of this.#connectionSet.all()) connection[kClose](order);
  }

  [kFreeSlot](reason: CloseReason): void {
    this[kHost].ended(this, reason);
  }
}
