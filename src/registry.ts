/**
 * The registry: one manager for each (user, thread), and none left behind. Owns the public calls and
 * puts the parts together; each rule lives in the part that it is about.
 */
import { EventEmitter } from 'node:events';
import { Admission } from './admission/admission.ts';
import { type PendingUpgrades, Shutdown } from './admission/shutdown.ts';
import { SlotTable, type Waiter } from './admission/slot-table.ts';
import { OutboxExpiry } from './delivery/outbox-expiry.ts';
import type { RegistryEvents } from './events.ts';
import { checkId, ThreadIdentity } from './identity/ids.ts';
import { UserExecutionContext, type WebSocketIdentity } from './identity/user-execution-context.ts';
import type { ManagerHost } from './internal/manager-host.ts';
import {
  kBeginClose,
  kCheckOwner,
  kCore,
  kDerive,
  kIdleLifetime,
  kSocketCount,
} from './internal/symbols.ts';
import { Heartbeat } from './liveness/heartbeat.ts';
import { emptyOrder } from './liveness/idle-lifetime.ts';
import { inspector, roundMsOf } from './liveness/inspection.ts';
import { InspectionWheel } from './liveness/inspection-wheel.ts';
import { ScheduledRemovals } from './liveness/scheduled-removals.ts';
import { Sweep } from './liveness/sweep.ts';
import { WebSocketManager } from './manager.ts';
import { CONTEXT_OPTIONS } from './options/call-options.ts';
import { checkNames } from './options/option-checks.ts';
import type { RegistryOptions, ResolvedRegistryOptions } from './options/registry-options.ts';
import { resolveOptions } from './options/resolve-options.ts';
import {
  type CheckedShutdownOptions,
  checkShutdownOptions,
  type ShutdownOptions,
} from './options/shutdown-options.ts';
import { type AuditFinding, findFaults } from './telemetry/audit.ts';
import { EventDispatcher } from './telemetry/event-dispatcher.ts';
import type { CleanupReport, ShutdownReport, SweepReport } from './telemetry/event-payloads.ts';
import { type RegistryStats, readStats } from './telemetry/stats.ts';

/** What `attach` needs of a registry. Not part of the public surface. */
export interface RegistryCore {
  readonly dispatcher: EventDispatcher;
  admit(context: UserExecutionContext, waiter: Waiter): void;
  readonly isClosed: boolean;
  /** Where a shutdown finds the upgrades that are not connections yet. */
  readonly upgradeSources: Set<PendingUpgrades>;
}

/**
 * Gives every (user, thread) one manager. Several registries in one process know nothing of each other.
 *
 * It never emits `error`; a failure of a listener, the logger or another hook is a `hookError`.
 */
export class WebSocketManagerRegistry
  extends EventEmitter<RegistryEvents>
  implements AsyncDisposable
{
  readonly options: ResolvedRegistryOptions;
  readonly #identity: ThreadIdentity;
  readonly #dispatcher: EventDispatcher;
  readonly #slotTable: SlotTable;
  readonly #admission: Admission;
  readonly #sweep: Sweep;
  readonly #upgradeSources = new Set<PendingUpgrades>();
  #shutdown: { readonly run: Shutdown; readonly report: Promise<ShutdownReport> } | undefined;

  /** @throws {InvalidOptionError} naming the option that is unknown or out of its range. */
  constructor(options: RegistryOptions = {}) {
    super();
    this.options = resolveOptions(options);
    this.#identity = new ThreadIdentity(options.identitySecret);
    this.#dispatcher = new EventDispatcher(this, this.options.logger);
    const heartbeat = new Heartbeat(this.options.heartbeatTimeoutMs, this.#dispatcher);
    const host: ManagerHost<WebSocketManager> = {
      options: this.options,
      dispatcher: this.#dispatcher,
      inspectionWheel: new InspectionWheel(roundMsOf(this.options), this.#dispatcher, {
        visit: inspector(this.options, heartbeat),
        ended: () => heartbeat.stop(),
      }),
      scheduledRemovals: new ScheduledRemovals(this.#dispatcher),
      outboxExpiry: new OutboxExpiry(),
      isClosed: () => this.#admission.isClosed,
      countOf: (userId) => this.#slotTable.countOf(userId),
      ended: (manager, reason) => this.#admission.ended(manager, reason),
      release: (manager) => this.release(manager),
    };
    const sweep = new Sweep(this.options.sweepIntervalMs, this.#dispatcher, {
      managers: () => host.scheduledRemovals.expire(),
      messages: () => host.outboxExpiry.dropExpired(),
      accounts: () => this.#slotTable.dropCooledDown(),
    });
    this.#sweep = sweep;
    this.#slotTable = new SlotTable({ filled: () => sweep.start(), emptied: () => sweep.stop() });
    this.#admission = new Admission(host, this.#slotTable, this.#identity.fingerprint);
  }

  /**
   * `UserExecutionContext.fromWebSocketRequest` bound to the `identitySecret` of this registry, so that
   * no caller can forget it. It is not a second source of identity: the same call with one argument filled in.
   *
   * @throws {InvalidContextError} naming the field.
   */
  contextFor(identity: WebSocketIdentity): UserExecutionContext {
    return UserExecutionContext[kDerive](identity, this.#identity);
  }

  /**
   * The one manager of this context's key, made if need be. Concurrent calls for one key get the same
   * one; it is open when the promise resolves. Settles at once, unless the key is closing (at most
   * `closeTimeoutMs` and a moment) or the user is at its limit (at most `emergencyDeadlineMs`, and
   * `closeTimeoutMs` more with `onLimit: 'replace-least-recent'`).
   *
   * Rejects with
   * - `ManagerLimitError` when no room could be made, one error and one `limitReached` for each call;
   * - `RegistryClosedError` after `shutdown()`, also for calls that were waiting;
   * - `InvalidContextError` for what is not a context, or for one derived with another secret.
   */
  acquire(context: UserExecutionContext): Promise<WebSocketManager> {
    return new Promise((resolve, reject) => {
      this.#admission.admit(context, { reserve: false, wanted: true, resolve, reject });
    });
  }

  /** The manager of this context's key, if there is one and it is open. It never makes one. */
  get(context: UserExecutionContext): WebSocketManager | undefined {
    if (!UserExecutionContext.isContext(context)) return undefined;
    const userSlots = this.#slotTable.find(context.userId);
    const manager = userSlots?.find(context.threadId);
    return manager?.state === 'open' ? manager : undefined;
  }

  /** Managers of this user that hold a slot, those that are closing included. */
  count(userId: string): number {
    return this.#slotTable.countOf(userId);
  }

  /** Managers of all users that hold a slot. */
  get size(): number {
    return this.#slotTable.size;
  }

  /** A snapshot, oldest first within a user; closing managers are in it, since they hold slots. */
  managers(userId?: string): readonly WebSocketManager[] {
    if (userId !== undefined) return this.#slotTable.find(userId)?.managers ?? [];
    return this.#slotTable.allUserSlots().flatMap((userSlots) => userSlots.managers);
  }

  /**
   * Removes this manager now if it has no connection and no upgrade is about to give it one. True when
   * this call removed it, false when it is in use, was removed already, or is of another registry.
   * By handle: there are no ids to get wrong (#108).
   *
   * Rejects with `IsolationError` when `context` is of another user or thread: nothing is changed, and a
   * `securityViolation` is counted; with `InvalidOptionError` for an option that is unknown.
   */
  async release(
    manager: WebSocketManager,
    options?: { readonly context?: UserExecutionContext | undefined },
  ): Promise<boolean> {
    if (options != null) checkNames('ReleaseOptions', options, CONTEXT_OPTIONS);
    if (!(manager instanceof WebSocketManager)) return false;
    manager[kCheckOwner](options?.context);
    if (manager.state !== 'open' || !this.#slotTable.holds(manager)) return false;
    if (manager[kSocketCount] > 0 || manager[kIdleLifetime].reservations > 0) return false;
    manager[kBeginClose](emptyOrder('released'));
    return true;
  }

  /**
   * Removes the managers of this user that are unresponsive, or empty after their grace, by the rules
   * of the proactive cleanup but without its threshold and cooldown. Joins one that is running.
   * Settles within `probeTimeoutMs` + `closeTimeoutMs` and a moment.
   */
  async cleanup(userId: string): Promise<CleanupReport> {
    return this.#admission.cleanUp(checkId('userId', userId));
  }

  /**
   * Runs the background sweep now and returns what it found; the next one runs in its time. For tests and
   * for servers that want to choose the moment.
   */
  sweep(): SweepReport {
    return this.#sweep.run();
  }

  /** Pure. Every counter is what a listener to all events would have counted. */
  stats(): RegistryStats {
    return readStats(this.#slotTable, this.#dispatcher);
  }

  /** Pure. Structural checks, of one user or of everything; empty when all hold. */
  audit(userId?: string): readonly AuditFinding[] {
    return findFaults(this.#slotTable, this.options, userId);
  }

  /**
   * Refuses every acquire and upgrade from now on, closes all connections with 1001, a batch at a time, terminates
   * what is left shortly before the deadline, and settles within `drainMs` [the option `drainMs`]. 0
   * terminates at once. A second call returns the first one's promise; one with a nearer deadline closes
   * all that are left at once.
   *
   * @throws {InvalidOptionError} (as a rejection) for an option out of its range; nothing is shut down.
   */
  shutdown(options: ShutdownOptions = {}): Promise<ShutdownReport> {
    let checked: CheckedShutdownOptions;
    try {
      checked = checkShutdownOptions(options, this.options);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#shutdown !== undefined) {
      this.#shutdown.run.hasten(checked.drainMs);
      return this.#shutdown.report;
    }
    return this.#dispatcher.run(() => {
      this.#admission.close();
      const upgradeSources = [...this.#upgradeSources];
      const run = new Shutdown(this.#dispatcher, this.managers(), upgradeSources, checked);
      const report = run.run();
      this.#shutdown = { run, report };
      return report;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  get [kCore](): RegistryCore {
    const admission = this.#admission;
    return {
      dispatcher: this.#dispatcher,
      upgradeSources: this.#upgradeSources,
      admit: (context, waiter) => admission.admit(context, waiter),
      get isClosed() {
        return admission.isClosed;
      },
    };
  }
}
