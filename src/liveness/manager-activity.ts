/**
 * What keeps a manager: its last activity, its idle lifetime, and the watchers of both. Owns these; the connections and
 * the state are the manager's.
 */
import type { IsolationKey } from '../identity/isolation-key.ts';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import type { ConnectionPort } from '../internal/connection-port.ts';
import type { ManagerPort, ManagerState } from '../internal/manager-port.ts';
import {
  kBeginClose,
  kFrameSeen,
  kHost,
  kIdleLifetime,
  kNotify,
  kSocketCount,
  kSockets,
  kSubject,
  kWatch,
} from '../internal/symbols.ts';
import type { ManagerCloseOrder } from '../socket/close-order.ts';
import type { ManagerEvent } from '../telemetry/event-payloads.ts';
import { IdleLifetime, type IdleLifetimeHost } from './idle-lifetime.ts';

/**
 * A manager extends this class, since an object of its own would cost one per manager. It has no private methods, which
 * would cost each instance a field.
 */
export abstract class ManagerActivity implements ManagerPort {
  readonly context: UserExecutionContext;
  /** On the clock of `performance.now()`. */
  readonly createdAtMs: number;
  /** How long it is kept without a connection. */
  readonly [kIdleLifetime]: IdleLifetime;
  #watchers: Set<() => void> | undefined;

  constructor(context: UserExecutionContext, nowMs: number) {
    this.context = context;
    this.createdAtMs = nowMs;
    this[kIdleLifetime] = new IdleLifetime(this);
  }

  abstract get state(): ManagerState;
  abstract get [kHost](): IdleLifetimeHost;
  abstract get [kSocketCount](): number;
  abstract [kSockets](): readonly ConnectionPort[];
  abstract [kSubject](): ManagerEvent;
  abstract [kBeginClose](order: ManagerCloseOrder): void;

  get isolationKey(): IsolationKey {
    return this.context.isolationKey;
  }

  /** When it was made, acquired, connected to, or last heard from a peer, on the clock of `performance.now()`. */
  get lastActivityMs(): number {
    return this[kIdleLifetime].lastActivityMs;
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
