/**
 * The manager of one isolation key: its connections, what waits for them, and the grace after the last.
 * Owns its state; the slot it holds is the ledger's, who may have one the admission's.
 */
import type { WebSocket } from 'ws';
import type { Account } from './account.ts';
import { WebSocketConnection } from './connection.ts';
import { Deferred } from './deferred.ts';
import {
  ConnectionLimitError,
  LeaktightError,
  ManagerClosedError,
  RegistryClosedError,
} from './errors.ts';
import type {
  CloseReason,
  ConnectionCause,
  ConnectionEvent,
  ExpulsionCause,
  ManagerEvent,
} from './events.ts';
import { checkId, freshId } from './ids.ts';
import {
  CLOSE_CODES,
  DETACH_MS,
  kAccount,
  kBeginClose,
  kCheckOwner,
  kClose,
  kConnectionGone,
  kEnded,
  kExpelled,
  kFrameSeen,
  kHost,
  kOffer,
  kSlowReader,
  kSocketCount,
  kSockets,
  kStanding,
  kStay,
  kSubject,
  kWatch,
  type ManagerCloseOrder,
  type Standing,
} from './internals.ts';
import { checkOwner } from './isolation.ts';
import type { IsolationKey } from './isolation-key.ts';
import type { ManagerHost } from './manager-host.ts';
import { bytesOf, checkData, type SendData } from './message-store.ts';
import { checkCloseCode, checkCloseText, checkNames } from './option-checks.ts';
import { Outbox, reportDropped } from './outbox.ts';
import { Roster } from './roster.ts';
import { checkSocket } from './socket-check.ts';
import { Stay } from './stay.ts';
import type { UserExecutionContext } from './user-execution-context.ts';

export type ManagerState = 'open' | 'closing' | 'closed';

export interface ConnectOptions {
  /** Names the connection within its manager. Default: a fresh UUID. */
  readonly connectionId?: string | undefined;
  /** Who connects; checked against the owner of the manager. Default: not checked. */
  readonly context?: UserExecutionContext | undefined;
}

export interface SendOptions {
  /** Who sends; checked against the owner of the manager. Default: not checked. */
  readonly context?: UserExecutionContext | undefined;
}

const CONNECT_OPTIONS: readonly (keyof ConnectOptions)[] = ['connectionId', 'context'];
/** Of `send` and `release`. A misspelt `context` would be none, and nothing would be checked. */
export const CONTEXT_OPTIONS: readonly (keyof SendOptions)[] = ['context'];

/** Made by `registry.acquire` only. */
export class WebSocketManager {
  readonly context: UserExecutionContext;
  /** On the clock of `performance.now()`. */
  readonly createdAtMs: number;
  readonly #host: ManagerHost;
  readonly #roster = new Roster();
  /** The account that counts it, for as long as it holds a slot. */
  readonly [kAccount]: Account;
  /** How long it stays without a connection. */
  readonly [kStay]: Stay;
  #state: ManagerState = 'open';
  #reason: CloseReason = 'closed';
  #outbox: Outbox | undefined;
  #watchers: Set<() => void> | undefined;
  #ended: Deferred<void> | undefined;

  constructor(host: ManagerHost, account: Account, context: UserExecutionContext, nowMs: number) {
    this.#host = host;
    this[kAccount] = account;
    this.context = context;
    this.createdAtMs = nowMs;
    this[kStay] = new Stay(this);
  }

  get [kHost](): ManagerHost {
    return this.#host;
  }

  get isolationKey(): IsolationKey {
    return this.context.isolationKey;
  }

  /** A manager that is `closing` still holds its slot; one that is `closed` no longer does. */
  get state(): ManagerState {
    return this.#state;
  }

  /**
   * A snapshot by connection id: every connection whose socket is not destroyed, except those that
   * lost their id to a successor and are on their way out.
   */
  get connections(): ReadonlyMap<string, WebSocketConnection> {
    return this.#roster.snapshot();
  }

  /** When it was made, acquired, connected to or last heard a peer, on the clock of `performance.now()`. */
  get lastActivityMs(): number {
    return this[kStay].lastActivityMs;
  }

  /** Messages that wait for a connection. */
  get queuedMessages(): number {
    return this.#outbox?.size ?? 0;
  }

  get queuedBytes(): number {
    return this.#outbox?.bytes ?? 0;
  }

  /**
   * Gives `socket` to this manager, which closes it when it goes. The connection releases itself when
   * the socket closes, for whatever reason. What waited in the outbox is sent to it first of all.
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
    return this.#host.journal.run(() => {
      if (this.#state !== 'open') throw new ManagerClosedError(this.#state);
      if (this.#host.isClosed()) throw new RegistryClosedError();
      checkNames('ConnectOptions', options, CONNECT_OPTIONS);
      checkOwner(this.#host.journal, this, 'connect', options.context);
      checkSocket(socket);
      const { connectionId } = options;
      const id = connectionId === undefined ? undefined : checkId('connectionId', connectionId);
      const earlier = id === undefined ? undefined : this.#roster.find(id);
      this.#checkRoom(id, earlier);
      return this.#open(socket, id, earlier);
    });
  }

  /**
   * Sends to every open connection of this manager, and says to how many: 0 when the message was kept for
   * the next one (`messageQueued`) or dropped (`messagesDropped`), never silently. Does not wait. At most
   * once: what a connection was given and did not get through before it broke is lost.
   *
   * @throws {IsolationError} when `context` is of another user or thread. Nothing is sent, and a
   *   `securityViolation` is counted.
   * @throws {TypeError} for what `ws` cannot send, and for `undefined` and `null`.
   * @throws {InvalidOptionError} naming an option that is unknown.
   */
  send(data: SendData, options?: SendOptions): number {
    checkData(data);
    if (options != null) checkNames('SendOptions', options, CONTEXT_OPTIONS);
    return this.#host.journal.run(() => {
      checkOwner(this.#host.journal, this, 'send', options?.context);
      let sent = 0;
      let unheard = true;
      let failure: { readonly error: unknown } | undefined;
      for (const connection of this.#roster.named()) {
        try {
          const reception = connection[kOffer](data);
          if (reception === 'sent') sent += 1;
          if (reception !== 'closed') unheard = false;
        } catch (error) {
          // One that fails must not keep the others from theirs.
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

  /** `registry.release(this)`: it goes now if it is empty, otherwise its last connection decides. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.release(this);
  }

  /** @throws {IsolationError} when `context` is of another user or thread. */
  [kCheckOwner](context: UserExecutionContext | undefined): void {
    checkOwner(this.#host.journal, this, 'release', context);
  }

  #checkRoom(id: string | undefined, earlier: WebSocketConnection | undefined): void {
    const { duplicateConnection, maxConnectionsPerManager: limit } = this.#host.options;
    if (earlier?.state === 'open' && duplicateConnection === 'refuse') {
      this.#refuse(earlier.id, 'duplicate');
      throw new LeaktightError(
        'ERR_LEAKTIGHT_DUPLICATE_CONNECTION',
        `The connection id ${earlier.id} is in use`,
      );
    }
    if (limit === Number.POSITIVE_INFINITY) return;
    const open = this.#roster.countOpenBut(earlier);
    if (open < limit) return;
    this.#refuse(id ?? freshId(), 'connection-limit');
    throw new ConnectionLimitError(open, limit);
  }

  #refuse(connectionId: string, reason: 'duplicate' | 'connection-limit'): void {
    this.#host.journal.record('connectionRefused', { ...this[kSubject](), connectionId, reason });
  }

  #open(
    socket: WebSocket,
    id: string | undefined,
    earlier: WebSocketConnection | undefined,
  ): WebSocketConnection {
    const connection = new WebSocketConnection(this, id, socket);
    if (earlier !== undefined) this.#replace(earlier);
    this.#roster.add(connection);
    this.#host.rounds.join(connection);
    this[kStay].connected(connection.openedAtMs);
    this.#notify();
    this.#host.journal.note('connectionOpened', undefined, () => this.#about(connection));
    this.#outbox?.replay(connection);
    return connection;
  }

  #replace(earlier: WebSocketConnection): void {
    this.#roster.replace(earlier);
    // One that was leaving anyway is not replaced, its id was free.
    if (earlier.state !== 'open') return;
    const code = CLOSE_CODES.replacedConnection;
    this.#host.journal.record('connectionReplaced', { ...this.#about(earlier), code });
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

  #about(connection: WebSocketConnection): ConnectionEvent {
    const { id: connectionId } = connection;
    return { ...this[kSubject](), connection, connectionId, connections: this.#roster.size };
  }

  // What waits for a connection.

  #sendFailed(error: unknown, sent: number): void {
    // What nobody could be sent is the caller's mistake, and he is told.
    if (sent === 0) throw error;
    this.#host.journal.hookFailed('socket', error, this.context.userId);
  }

  #keep(data: SendData): void {
    if (this.#state === 'open') {
      this.#outbox ??= new Outbox(this.#host, this);
      this.#outbox.keep(data);
    } else {
      const dropped = { messages: 1, bytes: bytesOf(data) };
      reportDropped(this.#host.journal, this, 'manager-closed', dropped);
    }
  }

  [kSlowReader](connection: WebSocketConnection, bytes: number): void {
    const dropped = { messages: 1, bytes };
    reportDropped(this.#host.journal, this, 'slow-reader', dropped, connection.id);
  }

  // What happens to its connections.

  [kExpelled](connection: WebSocketConnection, cause: ExpulsionCause, code: number): void {
    const event = { ...this.#about(connection), cause, code };
    this.#host.journal.record('connectionExpelled', event);
  }

  /** Every connection whose socket is not destroyed. */
  [kSockets](): readonly WebSocketConnection[] {
    return this.#roster.all();
  }

  get [kSocketCount](): number {
    return this.#roster.size;
  }

  [kStanding](): Standing {
    const nowMs = performance.now();
    const stay = this[kStay];
    return {
      sockets: this.#roster.size,
      reservations: stay.reservations,
      awaited: stay.isAwaited(nowMs),
      graceOver: stay.isOver(nowMs),
      scheduled: stay.isScheduled,
      oldestQueuedAtMs: this.#outbox?.oldestAtMs,
    };
  }

  [kFrameSeen](nowMs: number): void {
    this[kStay].touch(nowMs);
    this.#notify();
  }

  /** Calls `watcher` on every frame, arrival and departure; returns what stops it. */
  [kWatch](watcher: () => void): () => void {
    this.#watchers ??= new Set();
    this.#watchers.add(watcher);
    return () => {
      this.#watchers?.delete(watcher);
      if (this.#watchers?.size === 0) this.#watchers = undefined;
    };
  }

  #notify(): void {
    if (this.#watchers === undefined) return;
    for (const watcher of [...this.#watchers]) watcher();
  }

  [kConnectionGone](
    connection: WebSocketConnection,
    code: number,
    reason: string,
    cause: ConnectionCause,
  ): void {
    this.#host.journal.run(() => {
      this.#roster.remove(connection);
      this.#host.journal.note('connectionClosed', cause, () => ({
        ...this.#about(connection),
        code,
        reason,
        cause,
      }));
      this.#notify();
      if (this.#roster.size > 0) return;
      if (this.#state === 'closing') this.#finish();
      else this[kStay].emptied();
    });
  }

  /** Begins to close, or brings the end of a close nearer. An empty manager is gone when it returns. */
  [kBeginClose](order: ManagerCloseOrder): void {
    if (this.#state === 'closed') return;
    this.#host.journal.run(() => {
      if (this.#state === 'open') {
        this.#state = 'closing';
        this.#reason = order.reason;
        this[kStay].cancelRemoval();
        this.#host.journal.note('managerClosing', undefined, () => ({
          ...this[kSubject](),
          manager: this,
          reason: order.reason,
        }));
        this.#outbox?.abandon();
        this.#notify();
      }
      if (this.#roster.size > 0) {
        for (const connection of this.#roster.all()) connection[kClose](order);
      }
      if (this.#roster.size === 0) this.#finish();
    });
  }

  /** The last socket is destroyed; only now is the slot given back (G4). */
  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#host.ended(this, this.#reason);
    this.#ended?.resolve();
  }

  /** Settles when the manager is closed. Bounded by the close that is under way. */
  [kEnded](): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    this.#ended ??= new Deferred();
    return this.#ended.promise;
  }
}
