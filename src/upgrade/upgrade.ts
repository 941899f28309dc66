/**
 * One upgrade, from the event to a connection or a refusal (G17). Owns the order of the checks, the
 * guard on the socket and what this upgrade acquired. Nothing of it is left when `run` settles.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Waiter } from '../admission/slot-table.ts';
import { LeaktightError, ManagerClosedError, ManagerLimitError } from '../errors.ts';
import { checkId } from '../identity/ids.ts';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import { Deferred } from '../internal/deferred.ts';
import { kIdleLifetime } from '../internal/symbols.ts';
import type { WebSocketManager } from '../manager.ts';
import { CLOSE_CODES } from '../socket/close-codes.ts';
import { overhearStatus } from '../socket/ws-internals.ts';
import { type EventDispatcher, isThenable } from '../telemetry/event-dispatcher.ts';
import type { Identity, MaybePromise, ResolvedAttachOptions } from './attach-options.ts';
import { interruptible } from './interruptible.ts';
import { closedWithin, LINGER_MS, Refusal, refuse } from './refusal.ts';
import { closedRefusal, refusalFor } from './refusal-reasons.ts';
import { RefusedSocketClose } from './refused-socket-close.ts';
import { findUpgradeFault, originOf, queriedId } from './request-check.ts';
import { streamsOf, unguardWhenOver } from './socket-guard.ts';
import { type Steps, take } from './steps.ts';

/** A manager can be closed between its acquire and the connect; more often than this is no accident. */
const ACQUIRE_TRIES_MAX = 3;

/** The socket is gone: there is nobody to answer. */
const socketDied = Symbol('socketDied');

export class Upgrade {
  readonly #options: ResolvedAttachOptions;
  readonly #request: IncomingMessage;
  readonly #socket: Duplex;
  readonly #head: Buffer;
  #userId: string | undefined;
  #connectionId: string | undefined;
  #wsStatus: number | undefined;
  #cause: unknown;
  #interrupt: ((cause: unknown) => void) | undefined;
  #checkTimer: NodeJS.Timeout | undefined;
  #reserved: WebSocketManager | undefined;
  #handedOver = false;
  #watching = false;
  #refusedSocketClose: RefusedSocketClose | undefined;

  constructor(
    attachOptions: ResolvedAttachOptions,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ) {
    this.#options = attachOptions;
    this.#request = request;
    this.#socket = socket;
    this.#head = head;
  }

  /** Over when the upgrade has become a connection, or its socket is closed: at once, or as a promise. Never fails. */
  run(): void | Promise<void> {
    return take(this.#steps());
  }

  *#steps(): Steps<void> {
    try {
      yield* this.#connect(yield* this.#check());
    } catch (cause) {
      yield* this.#turnAway(cause);
    } finally {
      this.#stopWaiting();
      this.#unreserve();
      if (this.#refusedSocketClose !== undefined) yield this.#refusedSocketClose.over;
      this.#unwatch();
      unguardWhenOver(this.#request, this.#socket, this.#handedOver);
    }
  }

  /** Ends whatever it is waiting for, with this answer. Who is answered already has to leave soon. */
  stop(refusal: Refusal): void {
    this.#abort(refusal);
    this.#refusedSocketClose?.endWithin(LINGER_MS);
  }

  /** Ends it now, answered or not. */
  destroy(): void {
    if (this.#refusedSocketClose !== undefined) this.#refusedSocketClose.endWithin(0);
    else if (!this.#handedOver) {
      for (const stream of streamsOf(this.#request, this.#socket)) stream.destroy();
    }
  }

  /** Who it is, after every check that may refuse him before a manager is touched. */
  *#check(): Steps<UserExecutionContext> {
    const { registry, checkOrigin, authenticate, authorizeThread } = this.#options;
    const request = this.#request;
    if (registry.isClosed) throw closedRefusal();
    const fault = findUpgradeFault(request);
    if (fault !== undefined) throw fault;
    if (checkOrigin !== undefined) {
      const origin = originOf(request);
      const allowed = yield* this.#ask('checkOrigin', () => checkOrigin(origin, request));
      if (allowed !== true) throw new Refusal(403, 'This origin is not allowed');
    }
    const identity = yield* this.#ask('authenticate', () => authenticate(request));
    const context = this.#contextOf(identity);
    this.#userId = context.userId;
    // A derived thread id is the client's own by construction; only a claimed one needs leave.
    if (authorizeThread !== undefined && context.audit.how === 'claimed') {
      const { userId, threadId } = context;
      const allowed = yield* this.#ask('authorizeThread', () => authorizeThread(userId, threadId));
      if (allowed !== true) throw new Refusal(403, 'This thread is not allowed');
    }
    clearTimeout(this.#checkTimer);
    this.#checkTimer = undefined;
    return context;
  }

  #contextOf(identity: Identity | null | undefined | false): UserExecutionContext {
    // Also a `false`: what is not an identity is not let in.
    if (!identity) {
      throw new Refusal(401, 'Authentication failed', { 'WWW-Authenticate': 'Bearer' });
    }
    if (typeof identity !== 'object' || typeof identity.userId !== 'string') {
      // A mistake of the server's (a number, or a promise that was not awaited), and not of the client's.
      const what = typeof identity === 'object' ? 'a string as userId' : 'an identity';
      const given = typeof identity === 'object' ? identity.userId : identity;
      const error = new TypeError(`authenticate must give ${what}, got ${kindOf(given)}`);
      this.#options.registry.dispatcher.hookFailed('authenticate', error);
      throw new Refusal(503, 'The check failed');
    }
    if (identity.connectionId !== undefined) {
      this.#connectionId = checkId('connectionId', identity.connectionId);
    }
    return this.#options.contextFor({
      userId: identity.userId,
      websocketClientId:
        identity.websocketClientId ?? queriedId(this.#request, 'websocketClientId'),
      threadId: identity.threadId ?? queriedId(this.#request, 'threadId'),
      request: this.#request,
    });
  }

  *#connect(context: UserExecutionContext): Steps<void> {
    for (let tries = 1; ; tries += 1) {
      const manager = yield* this.#acquire(context);
      if (this.#cause !== undefined) throw this.#cause;
      if (manager.state === 'open') return yield* this.#shakeHands(context, manager);
      this.#unreserve();
      if (tries === ACQUIRE_TRIES_MAX) throw new ManagerClosedError(manager.state);
    }
  }

  /** A manager with a reservation, which nobody but `close()` can take away before the connect. */
  *#acquire(context: UserExecutionContext): Steps<WebSocketManager> {
    if (this.#cause !== undefined) throw this.#cause;
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
    this.#options.registry.admit(context, waiter);
    try {
      return this.#reserved ?? (yield* this.#wait(waiting.promise));
    } finally {
      waiter.wanted = false;
    }
  }

  /** The handshake of `ws`, and the connect in the same tick. */
  *#shakeHands(context: UserExecutionContext, manager: WebSocketManager): Steps<void> {
    const { webSocketServer, introductions } = this.#options;
    let opened: Deferred<void> | undefined;
    let answered = false;
    const overheard = overhearStatus(webSocketServer, this.#socket);
    introductions.set(this.#request, context);
    try {
      webSocketServer.handleUpgrade(this.#request, this.#socket, this.#head, (webSocket) => {
        answered = true;
        this.#handedOver = true;
        // Something in the handshake, a `verifyClient` say, may have ended it.
        if (this.#cause !== undefined) this.#closeUnwelcome(webSocket, this.#cause);
        else this.#welcome(webSocket, context, manager);
        opened?.resolve();
      });
      if (answered) return;
      if (this.#socket.writableEnded) throw wsRefusal;
      if (this.#socket.destroyed) throw socketDied;
      // An asynchronous `verifyClient` of the server's: a check like the others, with the same bound.
      this.#startCheckTimer();
      opened = new Deferred();
      yield* this.#wait(opened.promise);
    } catch (error) {
      if (overheard.status !== undefined) throw wsRefusal;
      throw error;
    } finally {
      this.#wsStatus = overheard.status;
      overheard.stop();
      introductions.delete(this.#request);
    }
  }

  #welcome(webSocket: WebSocket, context: UserExecutionContext, manager: WebSocketManager): void {
    const { registry, onConnection, countOf, limit } = this.#options;
    const { userId, threadId, websocketClientId } = context;
    try {
      const connection = registry.dispatcher.run(() => {
        const made = manager.connect(webSocket, {
          context,
          connectionId: this.#connectionId,
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
      this.#options.callHook('onConnection', userId, () => onConnection(connection, this.#request));
    } catch (error) {
      this.#closeUnwelcome(webSocket, error);
    }
  }

  /** The handshake is done, so the refusal has to be a close (RFC 6455, 7.4.1: 1013). */
  #closeUnwelcome(webSocket: WebSocket, error: unknown): void {
    const reason =
      error instanceof LeaktightError
        ? error.code
        : error instanceof Refusal
          ? error.reason
          : 'failed';
    this.#refusedSocketClose = new RefusedSocketClose(webSocket, CLOSE_CODES.tryAgainLater, reason);
    this.#refusedSocketClose.endWithin(this.#options.closeTimeoutMs);
    if (this.#cause !== undefined) this.#refusedSocketClose.endWithin(LINGER_MS);
    this.#report(CLOSE_CODES.tryAgainLater, reason);
  }

  *#turnAway(cause: unknown): Steps<void> {
    this.#stopWaiting();
    this.#unreserve();
    if (cause === socketDied) {
      this.#report(0, 'The socket died');
      return;
    }
    if (cause === wsRefusal) {
      this.#report(this.#wsStatus ?? this.#ownStatus(), 'Refused by the WebSocketServer');
      yield closedWithin(this.#socket, LINGER_MS);
      return;
    }
    if (cause instanceof ManagerLimitError && this.#options.refuseWith === 'close') {
      yield* this.#acceptAndClose(cause);
      return;
    }
    const refusal = refusalFor(cause) ?? this.#failure(cause);
    this.#report(refusal.status, refusal.reason);
    yield refuse(this.#socket, refusal);
  }

  /** A browser cannot read the status of an upgrade, but it can read a close code. */
  *#acceptAndClose(cause: ManagerLimitError): Steps<void> {
    const { webSocketServer, registry } = this.#options;
    const overheard = overhearStatus(webSocketServer, this.#socket);
    try {
      webSocketServer.handleUpgrade(this.#request, this.#socket, this.#head, (webSocket) => {
        this.#handedOver = true;
        this.#closeUnwelcome(webSocket, cause);
      });
    } catch (error) {
      registry.dispatcher.hookFailed('handleUpgrade', error, this.#userId);
    }
    if (!this.#handedOver) yield closedWithin(this.#socket, LINGER_MS);
    overheard.stop();
    if (this.#refusedSocketClose === undefined) {
      this.#report(overheard.status ?? this.#ownStatus(), 'Refused by the WebSocketServer');
    }
  }

  /** What `ws` answers where nobody else chooses a status; 0 when it found the socket dead. */
  #ownStatus(): number {
    return this.#socket.writableEnded ? 400 : 0;
  }

  #failure(cause: unknown): Refusal {
    this.#options.registry.dispatcher.hookFailed('upgrade', cause, this.#userId);
    return new Refusal(503, 'The upgrade failed');
  }

  #report(status: number, reason: string): void {
    this.#options.registry.dispatcher.record('upgradeRefused', {
      status,
      reason,
      userId: this.#userId,
      request: this.#request,
    });
  }

  #unreserve(): void {
    const manager = this.#reserved;
    this.#reserved = undefined;
    manager?.[kIdleLifetime].unreserve();
  }

  /** Calls a hook of the user's. What it throws is reported, and the client is told to come back. */
  *#ask<T>(hook: string, call: () => MaybePromise<T>): Steps<T> {
    if (this.#cause !== undefined) throw this.#cause;
    try {
      const answer = call();
      if (!isThenable(answer)) return answer;
      this.#startCheckTimer();
      // Also who comes too late is told of: a token store that fails slowly would be seen nowhere else.
      const late = lateFailure(this.#options.registry.dispatcher, hook, this.#userId);
      return yield* this.#wait(answer, late);
    } catch (error) {
      if (this.#cause !== undefined) throw this.#cause;
      this.#options.registry.dispatcher.hookFailed(hook, error, this.#userId);
      throw new Refusal(503, 'The check failed');
    }
  }

  /** One bound for all checks together, and no timer when none of them takes time. */
  #startCheckTimer(): void {
    this.#checkTimer ??= setTimeout(
      () => this.#abort(new Refusal(503, 'The checks took too long')),
      this.#options.authenticationTimeoutMs,
    );
  }

  *#wait<T>(awaited: PromiseLike<T>, late?: (error: unknown) => void): Steps<T> {
    this.#watch();
    // Also when it is over already: what nobody waits for could reject, and nobody would hear it.
    const { promise, interrupt } = interruptible(awaited, late);
    if (this.#cause !== undefined) interrupt(this.#cause);
    this.#interrupt = interrupt;
    try {
      return (yield promise) as T;
    } finally {
      this.#interrupt = undefined;
    }
  }

  /** Hears of the end of the socket, from the first wait on: before that nothing can have happened to it. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    for (const stream of streamsOf(this.#request, this.#socket)) {
      if (stream.closed) this.#abort(socketDied);
      else stream.on('close', this.#onClose);
    }
  }

  #unwatch(): void {
    if (!this.#watching) return;
    for (const stream of streamsOf(this.#request, this.#socket)) stream.off('close', this.#onClose);
  }

  #abort(cause: unknown): void {
    this.#cause ??= cause;
    this.#interrupt?.(this.#cause);
  }

  readonly #onClose = (): void => this.#abort(socketDied);

  #stopWaiting(): void {
    clearTimeout(this.#checkTimer);
    this.#checkTimer = undefined;
    this.#interrupt = undefined;
  }
}

/** Holds nothing of the upgrade: it may be kept for as long as a hook takes. */
function lateFailure(
  dispatcher: EventDispatcher,
  hook: string,
  userId: string | undefined,
): (error: unknown) => void {
  return (error) => dispatcher.hookFailed(hook, error, userId);
}

/** What kind of thing was given, and not what it is: it may be a secret. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** `ws` or its `verifyClient` answered the handshake itself. */
const wsRefusal = Symbol('wsRefusal');
