/**
 * The manager of one isolation key: its connections, its outbox, and the grace after the last connection.
 * Owns its state; the slot table owns the slot that it holds, and the admission decides which acquire gets one.
 */
import type { WebSocket } from 'ws';
import type { UserSlots } from './admission/user-slots.ts';
import { WebSocketConnection as ConnectionOf } from './connection.ts';
import { bytesOf, checkData, type SendData } from './delivery/message-store.ts';
import { Outbox, reportDropped } from './delivery/outbox.ts';
import { ManagerClosedError, RegistryClosedError } from './errors.ts';
import { checkId } from './identity/ids.ts';
import { checkOwner } from './identity/owner-check.ts';
import type { UserExecutionContext } from './identity/user-execution-context.ts';
import { Deferred } from './internal/deferred.ts';
import type { ManagerHost } from './internal/manager-host.ts';
import type { ManagerPort, ManagerSnapshot, ManagerState } from './internal/manager-port.ts';
import {
  kBeginClose,
  kCheckOwner,
  kClose,
  kConnectionGone,
  kDisconnected,
  kEnded,
  kHost,
  kIdleLifetime,
  kNotify,
  kOffer,
  kSlowReader,
  kSnapshot,
  kSocketCount,
  kSockets,
  kSubject,
  kUserSlots,
} from './internal/symbols.ts';
import { ManagerActivity } from './liveness/manager-activity.ts';
import {
  CONNECT_OPTIONS,
  CONTEXT_OPTIONS,
  type ConnectOptions,
  type SendOptions,
} from './options/call-options.ts';
import { checkCloseCode, checkCloseText, checkNames } from './options/option-checks.ts';
import { CLOSE_CODES } from './socket/close-codes.ts';
import { DETACH_MS, type ManagerCloseOrder } from './socket/close-order.ts';
import { checkConnectionLimits } from './socket/connection-limits.ts';
import { ConnectionSet } from './socket/connection-set.ts';
import { checkSocket } from './socket/socket-check.ts';
import type { ConnectionOpened } from './telemetry/event-map.ts';
import type { ManagerEvent } from './telemetry/event-payloads.ts';
import type { CloseReason, ConnectionCause, PolicyDisconnectCause } from './telemetry/reasons.ts';

/** A connection of such a manager. */
export type WebSocketConnection = ConnectionOf<WebSocketManager>;

/** Made by `registry.acquire` only. */
export class WebSocketManager extends ManagerActivity implements ManagerPort {
  readonly #host: ManagerHost<WebSocketManager>;
  readonly #connectionSet = new ConnectionSet<WebSocketConnection>();
  /** The slots of its user, which count it for as long as it holds one. */
  readonly [kUserSlots]: UserSlots<WebSocketManager>;
  #state: ManagerState = 'open';
  // Stryker disable next-line StringLiteral: every close writes its reason before the reason is read
  #reason: CloseReason = 'closed';
  #outbox: Outbox | undefined;
  #ended: Deferred<void> | undefined;

  constructor(
    host: ManagerHost<WebSocketManager>,
    userSlots: UserSlots<WebSocketManager>,
    context: UserExecutionContext,
    nowMs: number,
  ) {
    super(context, nowMs);
    this.#host = host;
    this[kUserSlots] = userSlots;
  }

  get [kHost](): ManagerHost<WebSocketManager> {
    return this.#host;
  }

  /** A manager that is `closing` still holds its slot; one that is `closed` no longer does. */
  get state(): ManagerState {
    return this.#state;
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
    return this.#host.dispatcher.run(() => {
      if (this.#state !== 'open') throw new ManagerClosedError(this.#state);
      if (this.#host.isClosed()) throw new RegistryClosedError();
      checkNames('ConnectOptions', options, CONNECT_OPTIONS);
      checkOwner(this.#host.dispatcher, this, 'connect', options.context);
      checkSocket(socket);
      const { connectionId } = options;
      const id = connectionId === undefined ? undefined : checkId('connectionId', connectionId);
      const earlier = id === undefined ? undefined : this.#connectionSet.find(id);
      checkConnectionLimits(this.#host, this, this.#connectionSet, id, earlier);
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
    return this.#host.dispatcher.run(() => {
      checkOwner(this.#host.dispatcher, this, 'send', options?.context);
      let sent = 0;
      let unheard = true;
      let failure: { readonly error: unknown } | undefined;
      for (const connection of this.#connectionSet.named()) {
        try {
          const reception = connection[kOffer](data);
          if (reception === 'sent') sent += 1;
          if (reception !== 'closed') unheard = false;
        } catch (error) {
          // A connection that fails must not keep the message from the others.
          failure = { error };
        }
      }
      if (failure !== undefined) this.#sendFailed(failure.error, sent);
      else if (unheard) this.#keep(data);
      return sent;
    });
  }

  /**
   * Closes all connections and then the manager, which takes no new ones meanwhile. Settles at the
   * latest after `closeTimeoutMs` and a moment: a peer that does not answer is terminated.
   *
   * @throws {InvalidOptionError} (as a rejection) for a code that may not be sent, or a reason of more
   *   than 123 bytes. Nothing is closed then.
   */
  async close(code: number = CLOSE_CODES.normal, reason = ''): Promise<void> {
    checkCloseCode(code);
    checkCloseText(reason);
    const handshakeMs = this.#host.options.closeTimeoutMs;
    const order = { code, text: reason, handshakeMs, detachMs: DETACH_MS };
    this[kBeginClose]({ reason: 'closed', cause: 'manager', ...order });
    return this[kEnded]();
  }

  /** `registry.release(this)`: removes it now if it is empty; otherwise it is removed after its last connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.release(this);
  }

  /** @throws {IsolationError} when `context` is of another user or thread. */
  [kCheckOwner](context: UserExecutionContext | undefined): void {
    checkOwner(this.#host.dispatcher, this, 'release', context);
  }

  #open(
    socket: WebSocket,
    id: string | undefined,
    earlier: WebSocketConnection | undefined,
  ): WebSocketConnection {
    const connection = new ConnectionOf(this, id, socket);
    if (earlier !== undefined) this.#replace(earlier);
    this.#connectionSet.add(connection);
    this.#host.inspectionWheel.join(connection);
    this[kIdleLifetime].connected(connection.openedAtMs);
    this[kNotify]();
    this.#host.dispatcher.note('connectionOpened', undefined, () => this.#about(connection));
    this.#outbox?.replay(connection);
    return connection;
  }

  #replace(earlier: WebSocketConnection): void {
    this.#connectionSet.replace(earlier);
    // A connection that was closing already is not replaced: its id was free.
    if (earlier.state !== 'open') return;
    const code = CLOSE_CODES.replacedConnection;
    this.#host.dispatcher.record('connectionReplaced', { ...this.#about(earlier), code });
    const handshakeMs = this.#host.options.closeTimeoutMs;
    const text = 'replaced';
    earlier[kClose]({ cause: 'replaced', code, text, handshakeMs, detachMs: DETACH_MS });
  }

  [kSubject](): ManagerEvent {
    const { userId, threadId } = this.context;
    return {
      userId,
      threadId,
      isolationKey: this.isolationKey,
      count: this.#host.countOf(userId),
      limit: this.#host.options.maxManagersPerUser,
    };
  }

  #about(connection: WebSocketConnection): ConnectionOpened<WebSocketConnection> {
    const { id: connectionId } = connection;
    return { ...this[kSubject](), connection, connectionId, connections: this.#connectionSet.size };
  }

  // The outbox.

  #sendFailed(error: unknown, sent: number): void {
    // A message that no connection could be sent is a mistake of the caller, which gets the error.
    if (sent === 0) throw error;
    this.#host.dispatcher.hookFailed('socket', error, this.context.userId);
  }

  #keep(data: SendData): void {
    if (this.#state === 'open') {
      this.#outbox ??= new Outbox(this.#host, this);
      this.#outbox.keep(data);
    } else {
      const dropped = { messages: 1, bytes: bytesOf(data) };
      reportDropped(this.#host.dispatcher, this, 'manager-closed', dropped);
    }
  }

  [kSlowReader](connection: WebSocketConnection, bytes: number): void {
    const dropped = { messages: 1, bytes };
    reportDropped(this.#host.dispatcher, this, 'slow-reader', dropped, connection.id);
  }

  // What happens to its connections.

  [kDisconnected](
    connection: WebSocketConnection,
    cause: PolicyDisconnectCause,
    code: number,
  ): void {
    const event = { ...this.#about(connection), cause, code };
    this.#host.dispatcher.record('connectionExpelled', event);
  }

  /** Every connection whose socket is not destroyed. */
  [kSockets](): readonly WebSocketConnection[] {
    return this.#connectionSet.all();
  }

  get [kSocketCount](): number {
    return this.#connectionSet.size;
  }

  [kSnapshot](): ManagerSnapshot {
    const nowMs = performance.now();
    const idleLifetime = this[kIdleLifetime];
    return {
      sockets: this.#connectionSet.size,
      reservations: idleLifetime.reservations,
      awaited: idleLifetime.isAwaited(nowMs),
      graceOver: idleLifetime.isOver(nowMs),
      scheduled: idleLifetime.isScheduled,
      oldestQueuedAtMs: this.#outbox?.oldestAtMs,
    };
  }

  [kConnectionGone](
    connection: WebSocketConnection,
    code: number,
    reason: string,
    cause: ConnectionCause,
  ): void {
    this.#host.dispatcher.run(() => {
      this.#connectionSet.remove(connection);
      this.#host.dispatcher.note('connectionClosed', cause, () => ({
        ...this.#about(connection),
        code,
        reason,
        cause,
      }));
      this[kNotify]();
      if (this.#connectionSet.size > 0) return;
      if (this.#state === 'closing') this.#finish();
      else this[kIdleLifetime].emptied();
    });
  }

  /** Begins to close, or bounds a close that has begun more tightly. An empty manager is removed when it returns. */
  [kBeginClose](order: ManagerCloseOrder): void {
    // Stryker disable next-line StringLiteral: another guard ends the same call
    if (this.#state === 'closed') return;
    this.#host.dispatcher.run(() => {
      if (this.#state === 'open') {
        this.#state = 'closing';
        this.#reason = order.reason;
        this[kIdleLifetime].cancelRemoval();
        this.#host.dispatcher.note('managerClosing', undefined, () => ({
          ...this[kSubject](),
          manager: this,
          reason: order.reason,
        }));
        this.#outbox?.abandon();
        this[kNotify]();
      }
      if (this.#connectionSet.size > 0) {
        for (const connection of this.#connectionSet.all()) connection[kClose](order);
      }
      if (this.#connectionSet.size === 0) this.#finish();
    });
  }

  /** The last socket is destroyed; only now is the slot free (G4). */
  #finish(): void {
    // Stryker disable next-line StringLiteral: another guard ends the same call
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#host.ended(this, this.#reason);
    this.#ended?.resolve();
  }

  /** Settles when the manager is closed. The close that has begun bounds it. */
  [kEnded](): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    this.#ended ??= new Deferred();
    return this.#ended.promise;
  }
}
