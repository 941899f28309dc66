/**
 * The manager of one isolation key: its connections, and the grace after the last of them. Owns its
 * state and its idle timer; the slot it holds is the ledger's, who may have one the admission's.
 */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { isOwned, WebSocketConnection } from './connection.ts';
import { Deferred } from './deferred.ts';
import {
  ConnectionLimitError,
  InvalidContextError,
  IsolationError,
  LeaktightError,
  ManagerClosedError,
} from './errors.ts';
import type { CloseReason, ManagerEvent } from './events.ts';
import { checkId } from './ids.ts';
import {
  CLOSE_CODES,
  DETACH_MS,
  kBeginClose,
  kClose,
  kConnectionGone,
  kEnded,
  kFrameSeen,
  kHandedOut,
  kReserve,
  kSockets,
  kStanding,
  kUnreserve,
  kWatch,
  type ManagerCloseOrder,
  type Standing,
} from './internals.ts';
import type { IsolationKey } from './isolation-key.ts';
import type { Journal } from './journal.ts';
import { checkCloseCode, checkCloseText } from './option-checks.ts';
import type { ResolvedRegistryOptions } from './options.ts';
import { UserExecutionContext } from './user-execution-context.ts';

export type ManagerState = 'open' | 'closing' | 'closed';

/** What a manager needs of its registry. */
export interface ManagerHost {
  readonly options: ResolvedRegistryOptions;
  readonly journal: Journal;
  countOf(userId: string): number;
  ended(manager: WebSocketManager, reason: CloseReason): void;
  release(manager: WebSocketManager): Promise<boolean>;
}

export interface ConnectOptions {
  /** Names the connection within its manager. Default: a fresh UUID. */
  readonly connectionId?: string | undefined;
  /** Who connects; checked against the owner of the manager. Default: not checked. */
  readonly context?: UserExecutionContext | undefined;
}

type SendData = Parameters<WebSocket['send']>[0];

/** Made by `registry.acquire` only. */
export class WebSocketManager {
  readonly context: UserExecutionContext;
  readonly isolationKey: IsolationKey;
  /** On the clock of `performance.now()`. */
  readonly createdAtMs: number;
  readonly #host: ManagerHost;
  readonly #connections = new Map<string, WebSocketConnection>();
  /** Connections that lost their id to a successor and whose sockets are not destroyed yet. */
  #replaced: Set<WebSocketConnection> | undefined;
  #state: ManagerState = 'open';
  #reason: CloseReason = 'closed';
  #lastActivityMs: number;
  #idleSinceMs: number;
  #everConnected = false;
  #handedOut = false;
  #handedOutAtMs = Number.NEGATIVE_INFINITY;
  #reservations = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #watchers: Set<() => void> | undefined;
  #ended: Deferred<void> | undefined;

  constructor(host: ManagerHost, context: UserExecutionContext) {
    this.#host = host;
    this.context = context;
    this.isolationKey = context.isolationKey;
    this.createdAtMs = performance.now();
    this.#lastActivityMs = this.createdAtMs;
    this.#idleSinceMs = this.createdAtMs;
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
    return new Map(this.#connections);
  }

  /** When it was made, acquired, connected to or last heard a peer, on the clock of `performance.now()`. */
  get lastActivityMs(): number {
    return this.#lastActivityMs;
  }

  /**
   * Gives `socket` to this manager, which closes it when it goes. The connection releases itself when
   * the socket closes, for whatever reason.
   *
   * @throws {ManagerClosedError} when the manager is not open: acquire again.
   * @throws {IsolationError} when `context` is of another user or thread. Nothing is changed, and a
   *   `securityViolation` is counted.
   * @throws {ConnectionLimitError} at `maxConnectionsPerManager` open connections.
   * @throws {LeaktightError} `ERR_LEAKTIGHT_SOCKET_NOT_OPEN`, `ERR_LEAKTIGHT_SOCKET_IN_USE`, or
   *   `ERR_LEAKTIGHT_DUPLICATE_CONNECTION` with `duplicateConnection: 'refuse'`.
   *
   * Whatever is thrown, the socket is left as it was: closing it is the caller's decision.
   */
  connect(socket: WebSocket, options: ConnectOptions = {}): WebSocketConnection {
    return this.#host.journal.run(() => {
      if (this.#state !== 'open') throw new ManagerClosedError(this.#state);
      this.#checkOwner(options.context);
      checkSocket(socket);
      const id =
        options.connectionId === undefined
          ? randomUUID()
          : checkId('connectionId', options.connectionId);
      const earlier = this.#connections.get(id);
      this.#checkRoom(id, earlier);
      return this.#open(socket, id, earlier);
    });
  }

  /**
   * Sends to every open connection of this manager, and says to how many. Does not wait and does not
   * keep what nobody could take.
   */
  send(data: SendData): number {
    let sent = 0;
    for (const { socket } of [...this.#connections.values()]) {
      if (socket.readyState !== socket.OPEN) continue;
      socket.send(data);
      sent += 1;
    }
    return sent;
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
    this[kBeginClose]({ reason: 'closed', code, text: reason, handshakeMs, detachMs: DETACH_MS });
    return this[kEnded]();
  }

  /** `registry.release(this)`: it goes now if it is empty, otherwise its last connection decides. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.release(this);
  }

  #checkOwner(context: UserExecutionContext | undefined): void {
    if (context === undefined) return;
    if (!UserExecutionContext.isContext(context)) {
      throw new InvalidContextError('context', 'context must be a UserExecutionContext');
    }
    if (context.isolationKey === this.isolationKey) return;
    this.#host.journal.record('securityViolation', {
      ...this.#subject(),
      kind: 'foreign-context',
      offenderUserId: context.userId,
      offenderThreadId: context.threadId,
    });
    throw new IsolationError(
      `A connection of ${context.isolationKey} does not belong to the manager of another key`,
    );
  }

  #checkRoom(id: string, earlier: WebSocketConnection | undefined): void {
    const { duplicateConnection, maxConnectionsPerManager: limit } = this.#host.options;
    if (earlier?.state === 'open' && duplicateConnection === 'refuse') {
      this.#refuse(id, 'duplicate');
      throw new LeaktightError(
        'ERR_LEAKTIGHT_DUPLICATE_CONNECTION',
        `The connection id ${id} is in use`,
      );
    }
    if (limit === Number.POSITIVE_INFINITY) return;
    let open = 0;
    for (const connection of this.#connections.values()) {
      if (connection !== earlier && connection.state === 'open') open += 1;
    }
    if (open < limit) return;
    this.#refuse(id, 'connection-limit');
    throw new ConnectionLimitError(open, limit);
  }

  #refuse(connectionId: string, reason: 'duplicate' | 'connection-limit'): void {
    this.#host.journal.record('connectionRefused', { ...this.#subject(), connectionId, reason });
  }

  #open(
    socket: WebSocket,
    id: string,
    earlier: WebSocketConnection | undefined,
  ): WebSocketConnection {
    if (earlier !== undefined) this.#replace(earlier);
    const connection = new WebSocketConnection(this.#host, this, id, socket);
    this.#connections.set(id, connection);
    this.#everConnected = true;
    this.#handedOutAtMs = Number.NEGATIVE_INFINITY;
    this.#lastActivityMs = connection.openedAtMs;
    this.#cancelRemoval();
    this.#notify();
    this.#host.journal.record('connectionOpened', {
      ...this.#subject(),
      connection,
      connectionId: id,
      connections: this.#socketCount(),
    });
    return connection;
  }

  #replace(earlier: WebSocketConnection): void {
    this.#connections.delete(earlier.id);
    this.#replaced ??= new Set();
    this.#replaced.add(earlier);
    // One that was leaving anyway is not replaced, its id was free.
    if (earlier.state !== 'open') return;
    const code = CLOSE_CODES.replacedConnection;
    this.#host.journal.record('connectionReplaced', {
      ...this.#subject(),
      connection: earlier,
      connectionId: earlier.id,
      connections: this.#socketCount(),
      code,
    });
    const handshakeMs = this.#host.options.closeTimeoutMs;
    earlier[kClose]({ code, text: 'replaced', handshakeMs, detachMs: DETACH_MS });
  }

  #socketCount(): number {
    return this.#connections.size + (this.#replaced?.size ?? 0);
  }

  #subject(): ManagerEvent {
    const { userId, threadId } = this.context;
    return {
      userId,
      threadId,
      isolationKey: this.isolationKey,
      count: this.#host.countOf(userId),
      limit: this.#host.options.maxManagersPerUser,
    };
  }

  /** Every connection whose socket is not destroyed. */
  [kSockets](): readonly WebSocketConnection[] {
    return [...this.#connections.values(), ...(this.#replaced ?? [])];
  }

  [kStanding](): Standing {
    const nowMs = performance.now();
    const arrivalMs = Math.max(
      this.#everConnected ? Number.NEGATIVE_INFINITY : this.createdAtMs,
      this.#handedOutAtMs,
    );
    return {
      sockets: this.#socketCount(),
      reservations: this.#reservations,
      awaited: this.#reservations > 0 || nowMs < arrivalMs + this.#host.options.birthGraceMs,
      graceOver: nowMs >= this.#graceEndsMs(),
      scheduled: this.#idleTimer !== undefined,
    };
  }

  /** An upgrade is about to connect: until `kUnreserve` the manager counts as not empty. */
  [kReserve](): void {
    this.#reservations += 1;
    this.#lastActivityMs = performance.now();
    this.#cancelRemoval();
  }

  /** Ends one reservation. A manager that only dead upgrades ever asked for goes at once. */
  [kUnreserve](): void {
    this.#host.journal.run(() => {
      this.#reservations -= 1;
      if (this.#everConnected || this.#handedOut) this.#becomeIdle();
      else if (this.#isVacant()) this[kBeginClose](emptyOrder('released'));
    });
  }

  /** `acquire` gave it to somebody, who needs a moment to connect. */
  [kHandedOut](): void {
    this.#handedOut = true;
    this.#lastActivityMs = performance.now();
    if (this.#socketCount() > 0) return;
    this.#handedOutAtMs = this.#lastActivityMs;
    // Whatever the graces are: it is open when the caller gets it, and can be connected to then.
    if (this.#isVacant() && this.#idleTimer === undefined) this.#scheduleRemoval(1);
  }

  [kFrameSeen](nowMs: number): void {
    this.#lastActivityMs = nowMs;
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

  [kConnectionGone](connection: WebSocketConnection, code: number, reason: string): void {
    this.#host.journal.run(() => {
      const { id } = connection;
      // By identity: a connection that lost its id must not take its successor along.
      if (this.#connections.get(id) === connection) this.#connections.delete(id);
      else this.#replaced?.delete(connection);
      this.#host.journal.record('connectionClosed', {
        ...this.#subject(),
        connection,
        connectionId: id,
        connections: this.#socketCount(),
        code,
        reason,
      });
      this.#notify();
      if (this.#socketCount() > 0) return;
      this.#idleSinceMs = performance.now();
      if (this.#state === 'closing') this.#finish();
      else this.#becomeIdle();
    });
  }

  #isVacant(): boolean {
    return this.#state === 'open' && this.#socketCount() === 0 && this.#reservations === 0;
  }

  /** The last connection is gone: the manager follows after its grace (G7). */
  #becomeIdle(): void {
    if (!this.#isVacant() || this.#idleTimer !== undefined) return;
    this.#host.journal.record('managerIdle', {
      ...this.#subject(),
      manager: this,
      graceMs: Math.max(0, this.#graceEndsMs() - performance.now()),
    });
    this.#scheduleRemoval();
  }

  #graceEndsMs(): number {
    const { birthGraceMs, reconnectGraceMs } = this.#host.options;
    const graceMs = this.#everConnected
      ? reconnectGraceMs
      : Math.max(birthGraceMs, reconnectGraceMs);
    return Math.max(this.#idleSinceMs + graceMs, this.#handedOutAtMs + birthGraceMs);
  }

  /** The one timer of an idle manager. A later acquire moves the end of the grace, not the timer. */
  #scheduleRemoval(leastMs = 0): void {
    const graceMs = Math.max(leastMs, this.#graceEndsMs() - performance.now());
    if (graceMs <= 0) {
      this[kBeginClose](emptyOrder('idle'));
      return;
    }
    this.#idleTimer = setTimeout(() => {
      this.#host.journal.run(() => {
        this.#idleTimer = undefined;
        if (this.#isVacant()) this.#scheduleRemoval();
      });
    }, Math.ceil(graceMs));
    // Nobody waits for this timer, so it need not keep a process alive.
    this.#idleTimer.unref();
  }

  #cancelRemoval(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
  }

  /** Begins to close, or brings the end of a close nearer. An empty manager is gone when it returns. */
  [kBeginClose](order: ManagerCloseOrder): void {
    if (this.#state === 'closed') return;
    this.#host.journal.run(() => {
      if (this.#state === 'open') {
        this.#state = 'closing';
        this.#reason = order.reason;
        this.#cancelRemoval();
        this.#host.journal.record('managerClosing', {
          ...this.#subject(),
          manager: this,
          reason: order.reason,
        });
        this.#notify();
      }
      for (const connection of this[kSockets]()) connection[kClose](order);
      if (this.#socketCount() === 0) this.#finish();
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

/** For a manager without sockets: there is nobody to tell and nothing to wait for. */
export function emptyOrder(reason: CloseReason): ManagerCloseOrder {
  return { reason, code: CLOSE_CODES.normal, text: '', handshakeMs: 0, detachMs: 0 };
}

function checkSocket(socket: WebSocket): void {
  if (socket.readyState !== socket.OPEN) {
    // A closed socket would never say `close`, and its connection would stay for ever.
    throw new LeaktightError(
      'ERR_LEAKTIGHT_SOCKET_NOT_OPEN',
      `A connection needs an open socket, its readyState is ${socket.readyState}`,
    );
  }
  if (isOwned(socket)) {
    throw new LeaktightError('ERR_LEAKTIGHT_SOCKET_IN_USE', 'The socket already has a manager');
  }
}
