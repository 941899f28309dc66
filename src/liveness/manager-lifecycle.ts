/**
 * The life of a manager: what keeps it, how it closes, and what waits for either. Owns its state, its idle lifetime and
 * the watchers; the connections and the messages are in `manager.ts`.
 */
import type { IsolationKey } from '../identity/isolation-key.ts';
import { checkOwner } from '../identity/owner-check.ts';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import type { ConnectionPort } from '../internal/connection-port.ts';
import { Deferred } from '../internal/deferred.ts';
import type { ManagerPort, ManagerState } from '../internal/manager-port.ts';
import {
  kAbandonMessages,
  kBeginClose,
  kCheckOwner,
  kCloseConnections,
  kEnded,
  kFinishClose,
  kFrameSeen,
  kFreeSlot,
  kHost,
  kIdleLifetime,
  kNotify,
  kSocketCount,
  kSockets,
  kSubject,
  kWatch,
} from '../internal/symbols.ts';
import { checkCloseCode, checkCloseText } from '../options/option-checks.ts';
import { CLOSE_CODES } from '../socket/close-codes.ts';
import { type CloseOrder, DETACH_MS, type ManagerCloseOrder } from '../socket/close-order.ts';
import type { ManagerEvent } from '../telemetry/event-payloads.ts';
import type { CloseReason } from '../telemetry/reasons.ts';
import { IdleLifetime, type IdleLifetimeHost } from './idle-lifetime.ts';

/** What it needs of the registry. */
export interface LifecycleHost extends IdleLifetimeHost {
  countOf(userId: string): number;
}

/**
 * A manager extends this class, since an object of its own would cost one per manager. It has no private methods, which
 * would cost each instance a field.
 */
export abstract class ManagerLifecycle implements ManagerPort {
  readonly context: UserExecutionContext;
  /** On the clock of `performance.now()`. */
  readonly createdAtMs: number;
  /** How long it is kept without a connection. */
  readonly [kIdleLifetime]: IdleLifetime;
  #state: ManagerState = 'open';
  // Stryker disable next-line StringLiteral: every close writes its reason before the reason is read
  #reason: CloseReason = 'closed';
  #ended: Deferred<void> | undefined;
  #watchers: Set<() => void> | undefined;

  constructor(context: UserExecutionContext, nowMs: number) {
    this.context = context;
    this.createdAtMs = nowMs;
    this[kIdleLifetime] = new IdleLifetime(this);
  }

  abstract readonly [kHost]: LifecycleHost;
  abstract get [kSocketCount](): number;
  abstract [kSockets](): readonly ConnectionPort[];
  /** Abandons the messages that wait: no connection will open any more. */
  abstract [kAbandonMessages](): void;
  abstract [kCloseConnections](order: CloseOrder): void;
  /** Called once, when the last socket is destroyed. */
  abstract [kFreeSlot](reason: CloseReason): void;

  get isolationKey(): IsolationKey {
    return this.context.isolationKey;
  }

  /** A manager that is `closing` still holds its slot; one that is `closed` no longer does. */
  get state(): ManagerState {
    return this.#state;
  }

  /** When it was made, acquired, connected to, or last heard from a peer, on the clock of `performance.now()`. */
  get lastActivityMs(): number {
    return this[kIdleLifetime].lastActivityMs;
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
    const handshakeMs = this[kHost].options.closeTimeoutMs;
    const order = { code, text: reason, handshakeMs, detachMs: DETACH_MS };
    this[kBeginClose]({ reason: 'closed', cause: 'manager', ...order });
    return this[kEnded]();
  }

  /** @throws {IsolationError} when `context` is of another user or thread. */
  [kCheckOwner](context: UserExecutionContext | undefined): void {
    checkOwner(this[kHost].dispatcher, this, 'release', context);
  }

  [kSubject](): ManagerEvent {
    const { userId, threadId } = this.context;
    return {
      userId,
      threadId,
      isolationKey: this.isolationKey,
      count: this[kHost].countOf(userId),
      limit: this[kHost].options.maxManagersPerUser,
    };
  }

  /** Begins to close, or bounds a close that has begun more tightly. An empty manager is removed when it returns. */
  [kBeginClose](order: ManagerCloseOrder): void {
    // Stryker disable next-line StringLiteral: another guard ends the same call
    if (this.#state === 'closed') return;
    const { dispatcher } = this[kHost];
    dispatcher.run(() => {
      if (this.#state === 'open') {
        this.#state = 'closing';
        this.#reason = order.reason;
        this[kIdleLifetime].cancelRemoval();
        dispatcher.note('managerClosing', undefined, () => ({
          ...this[kSubject](),
          manager: this,
          reason: order.reason,
        }));
        this[kAbandonMessages]();
        this[kNotify]();
      }
      if (this[kSocketCount] > 0) this[kCloseConnections](order);
      if (this[kSocketCount] === 0) this[kFinishClose]();
    });
  }

  /** The last socket is destroyed; only now is the slot free (G4). */
  [kFinishClose](): void {
    // Stryker disable next-line StringLiteral: another guard ends the same call
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this[kFreeSlot](this.#reason);
    this.#ended?.resolve();
  }

  /** Settles when the manager is closed. The close that has begun bounds it. */
  [kEnded](): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    this.#ended ??= new Deferred();
    return this.#ended.promise;
  }

  [kFrameSeen](nowMs: number): void {
    this[kIdleLifetime].touch(nowMs);
    this[kNotify]();
  }

  /** Calls `watcher` on every frame, connect and close; returns what stops it. */
  [kWatch](watcher: () => void): () => void {
    this.#watchers ??= new Set();
    this.#watchers.add(watcher);
    return () => {
      this.#watchers?.delete(watcher);
      if (this.#watchers?.size === 0) this.#watchers = undefined;
    };
  }

  [kNotify](): void {
    if (this.#watchers === undefined) return;
    for (const watcher of [...this.#watchers]) watcher();
  }
}
