/**
 * One upgrade, from the event to a connection or a refusal (G17). Owns the reservation, the
 * handshake and the refusal. Nothing of it is left when `run` settles.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Waiter } from '../admission/slot-table.ts';
import { ManagerClosedError, ManagerLimitError } from '../errors.ts';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import { Deferred } from '../internal/deferred.ts';
import { kIdleLifetime } from '../internal/symbols.ts';
import type { WebSocketManager } from '../manager.ts';
import { CLOSE_CODES } from '../socket/close-codes.ts';
import { overhearStatus } from '../socket/ws-internals.ts';
import type { ResolvedAttachOptions } from './attach-options.ts';
import { runSteps, type Steps, socketDied } from './interruptible-steps.ts';
import {
  closedWithin,
  closeReasonFor,
  LINGER_MS,
  type Refusal,
  RefusedSocketClose,
  refusalFor,
  refuse,
} from './refusal.ts';
import { streamsOf, unguardWhenOver } from './socket-guard.ts';
import { UpgradeChecks } from './upgrade-checks.ts';

/** A manager can be closed between its acquire and the connect; more often than this is no accident. */
const ACQUIRE_TRIES_MAX = 3;

/** `ws` or its `verifyClient` answered the handshake itself. */
const wsRefusal = Symbol('wsRefusal');

export class Upgrade extends UpgradeChecks {
  readonly #head: Buffer;
  #wsStatus: number | undefined;
  #reserved: WebSocketManager | undefined;
  #handedOver = false;
  #refusedSocketClose: RefusedSocketClose | undefined;

  constructor(
    options: ResolvedAttachOptions,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ) {
    super(options, request, socket);
    this.#head = head;
  }

  /** Over when the upgrade is a connection, or its socket is closed: at once, or as a promise. Never fails. */
  run(): void | Promise<void> {
    return runSteps(this.#steps());
  }

  *#steps(): Steps<void> {
    try {
      yield* this.#connect(yield* this.check());
    } catch (cause) {
      yield* this.#refuse(cause);
    } finally {
      this.stopWaiting();
      this.#unreserve();
      if (this.#refusedSocketClose !== undefined) yield this.#refusedSocketClose.over;
      this.unwatch();
      unguardWhenOver(this.request, this.socket, this.#handedOver);
    }
  }

  /** Interrupts any wait with this answer. A client that has its answer already gets little time to leave. */
  stop(refusal: Refusal): void {
    this.abort(refusal);
    this.#refusedSocketClose?.endWithin(LINGER_MS);
  }

  /** Ends it now, answered or not. */
  destroy(): void {
    if (this.#refusedSocketClose !== undefined) this.#refusedSocketClose.endWithin(0);
    else if (!this.#handedOver) {
      for (const stream of streamsOf(this.request, this.socket)) stream.destroy();
    }
  }

  *#connect(context: UserExecutionContext): Steps<void> {
    for (let tries = 1; ; tries += 1) {
      const manager = yield* this.#acquire(context);
      if (this.cause !== undefined) throw this.cause;
      if (manager.state === 'open') return yield* this.#handshake(context, manager);
      this.#unreserve();
      if (tries === ACQUIRE_TRIES_MAX) throw new ManagerClosedError(manager.state);
    }
  }

  /** A manager with a reservation, which only `close()` can take away before the connect. */
  *#acquire(context: UserExecutionContext): Steps<WebSocketManager> {
    if (this.cause !== undefined) throw this.cause;
    const waiting = new Deferred<WebSocketManager>();
    const waiter: Waiter = {
      reserve: true,
      wanted: true,
      resolve: (manager) => {
        // In the same step as the reservation: if the socket dies next, `run` gives it back.
        if (waiter.wanted) this.#reserved = manager;
        waiting.resolve(manager);
      },
      reject: (error) => waiting.reject(error),
    };
    this.options.registry.admit(context, waiter);
    try {
      return this.#reserved ?? (yield* this.wait(waiting.promise));
    } finally {
      waiter.wanted = false;
    }
  }

  /** The handshake of `ws`, and the connect in the same tick. */
  *#handshake(context: UserExecutionContext, manager: WebSocketManager): Steps<void> {
    const { webSocketServer, handshakeContexts } = this.options;
    let opened: Deferred<void> | undefined;
    let answered = false;
    const overheard = overhearStatus(webSocketServer, this.socket);
    handshakeContexts.set(this.request, context);
    try {
      webSocketServer.handleUpgrade(this.request, this.socket, this.#head, (webSocket) => {
        answered = true;
        this.#handedOver = true;
        // Code that runs in the handshake, a `verifyClient` say, may have interrupted the upgrade.
        if (this.cause !== undefined) this.#closeRefused(webSocket, this.cause);
        else this.#open(webSocket, context, manager);
        opened?.resolve();
      });
      if (answered) return;
      if (this.socket.writableEnded) throw wsRefusal;
      if (this.socket.destroyed) throw socketDied;
      // The server has an asynchronous `verifyClient`: a check like the others, with the same bound.
      this.startCheckTimer();
      opened = new Deferred();
      yield* this.wait(opened.promise);
    } catch (error) {
      if (overheard.status !== undefined) throw wsRefusal;
      throw error;
    } finally {
      this.#wsStatus = overheard.status;
      overheard.stop();
      handshakeContexts.delete(this.request);
    }
  }

  #open(webSocket: WebSocket, context: UserExecutionContext, manager: WebSocketManager): void {
    const { registry, onConnection, countOf, limit } = this.options;
    const { userId, threadId, websocketClientId } = context;
    try {
      const connection = registry.dispatcher.run(() => {
        const made = manager.connect(webSocket, {
          context,
          connectionId: this.connectionId,
        });
        this.#unreserve();
        registry.dispatcher.note('clientIntroduced', undefined, () => ({
          userId,
          threadId,
          isolationKey: context.isolationKey,
          count: countOf(userId),
          limit,
          context,
          websocketClientId,
          connectionId: made.id,
        }));
        return made;
      });
      if (onConnection === undefined) return;
      this.options.callHook('onConnection', userId, () => onConnection(connection, this.request));
    } catch (error) {
      this.#closeRefused(webSocket, error);
    }
  }

  /** The handshake is done, so the refusal has to be a close (RFC 6455, 7.4.1: 1013). */
  #closeRefused(webSocket: WebSocket, error: unknown): void {
    const reason = closeReasonFor(error);
    this.#refusedSocketClose = new RefusedSocketClose(webSocket, CLOSE_CODES.tryAgainLater, reason);
    this.#refusedSocketClose.endWithin(this.options.closeTimeoutMs);
    if (this.cause !== undefined) this.#refusedSocketClose.endWithin(LINGER_MS);
    this.#report(CLOSE_CODES.tryAgainLater, reason);
  }

  *#refuse(cause: unknown): Steps<void> {
    this.stopWaiting();
    this.#unreserve();
    if (cause === socketDied) {
      this.#report(0, 'The socket died');
      return;
    }
    if (cause === wsRefusal) {
      this.#report(this.#wsStatus ?? this.#ownStatus(), 'Refused by the WebSocketServer');
      yield closedWithin(this.socket, LINGER_MS);
      return;
    }
    if (cause instanceof ManagerLimitError && this.options.refuseWith === 'close') {
      yield* this.#acceptAndClose(cause);
      return;
    }
    const refusal = refusalFor(cause) ?? this.failed('upgrade', cause, 'The upgrade failed');
    this.#report(refusal.status, refusal.reason);
    yield refuse(this.socket, refusal);
  }

  /** A browser cannot read the status of an upgrade, but it can read a close code. */
  *#acceptAndClose(cause: ManagerLimitError): Steps<void> {
    const { webSocketServer, registry } = this.options;
    const overheard = overhearStatus(webSocketServer, this.socket);
    try {
      webSocketServer.handleUpgrade(this.request, this.socket, this.#head, (webSocket) => {
        this.#handedOver = true;
        this.#closeRefused(webSocket, cause);
      });
    } catch (error) {
      registry.dispatcher.hookFailed('handleUpgrade', error, this.userId);
    }
    if (!this.#handedOver) yield closedWithin(this.socket, LINGER_MS);
    overheard.stop();
    if (this.#refusedSocketClose === undefined) {
      this.#report(overheard.status ?? this.#ownStatus(), 'Refused by the WebSocketServer');
    }
  }

  /** The status with which `ws` answers where it has no other; 0 when it found the socket dead. */
  #ownStatus(): number {
    return this.socket.writableEnded ? 400 : 0;
  }

  #report(status: number, reason: string): void {
    this.options.registry.dispatcher.record('upgradeRefused', {
      status,
      reason,
      userId: this.userId,
      request: this.request,
    });
  }

  #unreserve(): void {
    const manager = this.#reserved;
    this.#reserved = undefined;
    manager?.[kIdleLifetime].unreserve();
  }
}
