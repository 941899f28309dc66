/**
 * The registry: one manager for each (user, thread), and none left behind. Owns the public calls and
 * puts the parts together; each rule lives in the part that it is about.
 */
import { EventEmitter } from 'node:events';
import type { Claim } from './account.ts';
import { Admission } from './admission.ts';
import { type AuditFinding, findFaults } from './audit.ts';
import type { CleanupReport, RegistryEvents, ShutdownReport, SweepReport } from './events.ts';
import { Heartbeat } from './heartbeat.ts';
import { checkId, ThreadIdentity } from './ids.ts';
import { inspector, roundMsOf } from './inspection.ts';
import { kBeginClose, kCheckOwner, kCore, kDerive, kSocketCount, kStay } from './internals.ts';
import { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { CONTEXT_OPTIONS, WebSocketManager } from './manager.ts';
import type { ManagerHost } from './manager-host.ts';
import { checkNames } from './option-checks.ts';
import type { RegistryOptions, ResolvedRegistryOptions } from './options.ts';
import { Outboxes } from './outboxes.ts';
import { Removals } from './removals.ts';
import { resolveOptions } from './resolve-options.ts';
import { Rounds } from './rounds.ts';
import {
  type Anteroom,
  type CheckedShutdownOptions,
  checkShutdownOptions,
  Shutdown,
  type ShutdownOptions,
} from './shutdown.ts';
import { type RegistryStats, readStats } from './stats.ts';
import { emptyOrder } from './stay.ts';
import { Sweep } from './sweep.ts';
import { UserExecutionContext, type WebSocketIdentity } from './user-execution-context.ts';

/** What the door needs of a registry. Not part of the public surface. */
export interface RegistryCore {
  readonly journal: Journal;
  admit(context: UserExecutionContext, claim: Claim): void;
  readonly isClosed: boolean;
  /** Where a shutdown finds those who have not come in yet. */
  readonly anterooms: Set<Anteroom>;
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
  readonly #journal: Journal;
  readonly #ledger: Ledger;
  readonly #admission: Admission;
  readonly #sweep: Sweep;
  readonly #anterooms = new Set<Anteroom>();
  #shutdown: { readonly run: Shutdown; readonly report: Promise<ShutdownReport> } | undefined;

  /** @throws {InvalidOptionError} naming the option that is unknown or out of its range. */
  constructor(options: RegistryOptions = {}) {
    super();
    this.options = resolveOptions(options);
    this.#identity = new ThreadIdentity(options.identitySecret);
    this.#journal = new Journal(this, this.options.logger);
    const heartbeat = new Heartbeat(this.options.heartbeatTimeoutMs, this.#journal);
    const host: ManagerHost = {
      options: this.options,
      journal: this.#journal,
      rounds: new Rounds(roundMsOf(this.options), this.#journal, {
        visit: inspector(this.options, heartbeat),
        ended: () => heartbeat.stop(),
      }),
      removals: new Removals(this.#journal),
      outboxes: new Outboxes(),
      isClosed: () => this.#admission.isClosed,
      countOf: (userId) => this.#ledger.countOf(userId),
      ended: (manager, reason) => this.#admission.ended(manager, reason),
      release: (manager) => this.release(manager),
    };
    const sweep = new Sweep(this.options.sweepIntervalMs, this.#journal, {
      managers: () => host.removals.expire(),
      messages: () => host.outboxes.dropExpired(),
      accounts: () => this.#ledger.wake(),
    });
    this.#sweep = sweep;
    this.#ledger = new Ledger({ filled: () => sweep.start(), emptied: () => sweep.stop() });
    this.#admission = new Admission(host, this.#ledger, this.#identity.fingerprint);
  }

  /**
   * `UserExecutionContext.fromWebSocketRequest` bound to the `identitySecret` of this registry, so that
   * nobody can forget it. Not a second source of identity: the same call with one argument filled in.
   *
   * @throws {InvalidContextError} naming the field.
   */
  contextFor(identity: WebSocketIdentity): UserExecutionContext {
    return UserExecutionContext[kDerive](identity, this.#identity);
  }

  /**
   * The one manager of this context's key, made if need be. Concurrent calls for one key get the same
   * one; it is open when the promise resolves. Settles at once, unless the key is closing (at most
   * `closeTimeoutMs` and a moment) or the user is at his limit (at most `emergencyDeadlineMs`, and
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

  /** The manager of this context's key, if there is one and it is open. Never makes one. */
  get(context: UserExecutionContext): WebSocketManager | undefined {
    if (!UserExecutionContext.isContext(context)) return undefined;
    const account = this.#ledger.find(context.userId);
    const manager = account?.find(context.threadId);
    return manager?.state === 'open' ? manager : undefined;
  }

  /** Managers of this user that hold a slot, those that are closing included. */
  count(userId: string): number {
    return this.#ledger.countOf(userId);
  }

  /** Managers of all users that hold a slot. */
  get size(): number {
    return this.#ledger.size;
  }

  /** A snapshot, oldest first within a user; closing managers are in it, since they hold slots. */
  managers(userId?: string): readonly WebSocketManager[] {
    if (userId !== undefined) return this.#ledger.find(userId)?.managers ?? [];
    return this.#ledger.accounts().flatMap((account) => account.managers);
  }

  /**
   * Removes this manager now if it has no connection and no upgrade is about to give it one. True when
   * this call removed it, false when it was left alone, was gone already, or is of another registry.
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
    if (manager.state !== 'open' || !this.#ledger.holds(manager)) return false;
    if (manager[kSocketCount] > 0 || manager[kStay].reservations > 0) return false;
    manager[kBeginClose](emptyOrder('released'));
    return true;
  }

  /**
   * Removes what is closed, dead, or empty after its grace among the managers of this user, by the rules
   * of the proactive cleanup but without its threshold and cooldown. Joins one that is under way.
   * Settles within `probeTimeoutMs` + `closeTimeoutMs` and a moment.
   */
  async cleanup(userId: string): Promise<CleanupReport> {
    return this.#admission.cleanUp(checkId('userId', userId));
  }

  /**
   * Runs the background sweep now and says what it found; the next one comes in its time. For tests and
   * for servers that would rather choose the moment.
   */
  sweep(): SweepReport {
    return this.#sweep.run();
  }

  /** Pure. Every counter is what a listener to all events would have counted. */
  stats(): RegistryStats {
    return readStats(this.#ledger, this.#journal);
  }

  /** Pure. Structural checks, of one user or of everything; empty when all hold. */
  audit(userId?: string): readonly AuditFinding[] {
    return findFaults(this.#ledger, this.options, userId);
  }

  /**
   * Takes nobody in any more, tells every connection to go with 1001, a batch at a time, terminates what
   * is still there shortly before the deadline, and settles within `drainMs` [the option `drainMs`]. 0
   * terminates at once. A second call returns the first one's promise; one with a nearer deadline tells
   * all who are left at once.
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
    return this.#journal.run(() => {
      this.#admission.close();
      const anterooms = [...this.#anterooms];
      const run = new Shutdown(this.#journal, this.managers(), anterooms, checked);
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
      journal: this.#journal,
      anterooms: this.#anterooms,
      admit: (context, claim) => admission.admit(context, claim),
      get isClosed() {
        return admission.isClosed;
      },
    };
  }
}
