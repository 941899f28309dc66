/**
 * Who gets a manager: single flight, limits, the queue for room (G3 to G6). Every decision is made
 * and acted on in one go, without an `await` in between: whatever is counted is still true when the
 * manager is inserted. Cleanups run beside it and come back through `ended`.
 */

import type { Account, Claim, Flight } from './account.ts';
import { type CleanupTools, cleanUp, cleanUpInEmergency, removeEmpty } from './cleanup.ts';
import { Deferred } from './deferred.ts';
import { InvalidContextError, RegistryClosedError } from './errors.ts';
import type { CleanupReport, CloseReason } from './events.ts';
import { grant, isWanted, leastRecent, refuseFlight } from './flights.ts';
import {
  CLOSE_CODES,
  DETACH_MS,
  kAccount,
  kBeginClose,
  kDerivedBy,
  kSubject,
} from './internals.ts';
import type { Ledger } from './ledger.ts';
import { WebSocketManager } from './manager.ts';
import type { ManagerHost } from './manager-host.ts';
import { UserExecutionContext } from './user-execution-context.ts';

/** Flights of one user that may wait for room at a time; the next one is refused at once. */
export const QUEUE_LENGTH_MAX = 1_000;

export class Admission {
  readonly #host: ManagerHost;
  readonly #ledger: Ledger;
  readonly #fingerprint: string;
  readonly #tools: CleanupTools;
  #closed = false;

  constructor(host: ManagerHost, ledger: Ledger, fingerprint: string) {
    this.#host = host;
    this.#ledger = ledger;
    this.#fingerprint = fingerprint;
    this.#tools = {
      options: host.options,
      journal: host.journal,
      isClosing: () => this.#closed,
    };
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Settles `claim`, now or when there is room or none to be had. Throws nothing. */
  admit(context: UserExecutionContext, claim: Claim): void {
    const { journal } = this.#host;
    journal.enter();
    try {
      if (this.#closed) throw new RegistryClosedError();
      this.#checkContext(context);
      const account = this.#ledger.account(context.userId);
      this.#place(account, context, claim);
      this.#ledger.settle(account);
    } catch (error) {
      claim.reject(error);
    } finally {
      journal.leave();
    }
  }

  /** The last socket of `manager` is destroyed: its slot goes to whoever is next. */
  ended(manager: WebSocketManager, reason: CloseReason): void {
    const account = manager[kAccount];
    if (!this.#ledger.remove(account, manager)) return;
    this.#host.journal.note('managerRemoved', reason, () => ({
      ...manager[kSubject](),
      manager,
      reason,
      ageMs: performance.now() - manager.createdAtMs,
    }));
    if (account.hasFlights) {
      this.#passOn(account, manager);
      this.#serveQueue(account);
    }
    this.#ledger.settle(account);
  }

  /** Starts a cleanup that somebody asked for, or joins the one that is under way. */
  cleanUp(userId: string): Promise<CleanupReport> {
    const account = this.#ledger.account(userId);
    return account.cleanupRunning ?? this.#startCleanup(account, 'requested');
  }

  /** Nobody is let in any more; who waits is told so. */
  close(): void {
    this.#closed = true;
    for (const account of this.#ledger.accounts()) {
      if (!account.hasFlights) continue;
      account.queue.length = 0;
      account.heirs.clear();
      for (const flight of account.flights.values()) {
        for (const claim of flight.claims) claim.reject(new RegistryClosedError());
      }
      account.flights.clear();
    }
  }

  #checkContext(context: unknown): void {
    if (!UserExecutionContext.isContext(context)) {
      throw new InvalidContextError('context', 'context must be a UserExecutionContext');
    }
    const derivedBy = context[kDerivedBy];
    if (derivedBy !== undefined && derivedBy !== this.#fingerprint) {
      // Two components with two secrets have two thread ids for one client: #108 once more.
      throw new InvalidContextError(
        'threadId',
        'threadId was derived with another identitySecret than this registry has, use registry.contextFor()',
      );
    }
  }

  #place(account: Account, context: UserExecutionContext, claim: Claim): void {
    const { threadId } = context;
    const present = account.find(threadId);
    if (present?.state === 'open') {
      grant(present, [claim], performance.now());
      return;
    }
    const flight = account.hasFlights ? account.flights.get(threadId) : undefined;
    if (flight !== undefined) {
      flight.claims.push(claim);
      return;
    }
    const fresh: Flight = { context, claims: [claim] };
    if (present !== undefined) {
      // It is closing, which is bounded by `closeTimeoutMs`; `ended` hands its slot on.
      account.flights.set(threadId, fresh);
      return;
    }
    this.#seat(account, fresh);
  }

  /** Room for a new key, made if need be. */
  #seat(account: Account, flight: Flight): void {
    if (this.#isFull()) refuseFlight(this.#host, this.#ledger, account, flight, 'total', 0);
    else if (this.#hasRoom(account)) this.#create(account, flight);
    else if (account.emergencyRunning) this.#enqueue(account, flight);
    else if (isBefore(account.emergencyRestUntilMs)) this.#seatUnprobed(account, flight);
    else if (this.#enqueue(account, flight)) this.#startEmergency(account);
  }

  #isFull(): boolean {
    return this.#ledger.size >= this.#host.options.maxManagers;
  }

  // Somebody in the queue came first. Evicted managers belong to their heirs already.
  #hasRoom(account: Account): boolean {
    return (
      account.size < this.#host.options.maxManagersPerUser &&
      !(account.hasFlights && account.queue.length > 0)
    );
  }

  #enqueue(account: Account, flight: Flight): boolean {
    if (account.queue.length >= QUEUE_LENGTH_MAX) {
      refuseFlight(this.#host, this.#ledger, account, flight, 'user', 0);
      return false;
    }
    account.queue.push(flight);
    account.flights.set(flight.context.threadId, flight);
    return true;
  }

  /** Within the cooldown: what is empty goes if that makes room, but no peer is asked again. */
  #seatUnprobed(account: Account, flight: Flight): void {
    if (removeEmpty(account, 1, 'emergency') > 0) this.#create(account, flight);
    else this.#turnAway(account, flight, 0);
  }

  /** No room could be made: refuse, or evict exactly one. */
  #turnAway(account: Account, flight: Flight, removed: number): void {
    if (this.#host.options.onLimit === 'reject' || !isWanted(flight)) {
      refuseFlight(this.#host, this.#ledger, account, flight, 'user', removed);
      return;
    }
    const victim = leastRecent(account);
    if (victim === undefined) {
      refuseFlight(this.#host, this.#ledger, account, flight, 'user', removed);
      return;
    }
    account.flights.set(flight.context.threadId, flight);
    account.heirs.set(victim, flight);
    victim[kBeginClose]({
      reason: 'replaced',
      cause: 'manager',
      code: CLOSE_CODES.evicted,
      text: 'evicted',
      handshakeMs: this.#host.options.closeTimeoutMs,
      detachMs: DETACH_MS,
    });
  }

  /** The slot of a manager that ended: first to whom it was evicted for, then to its own key. */
  #passOn(account: Account, ended: WebSocketManager): void {
    const heir = account.heirs.get(ended);
    if (heir !== undefined) {
      account.heirs.delete(ended);
      account.flights.delete(heir.context.threadId);
      this.#create(account, heir);
    }
    const { threadId } = ended.context;
    const successor = account.flights.get(threadId);
    if (successor === undefined) return;
    account.flights.delete(threadId);
    if (heir !== undefined) this.#seat(account, successor);
    else this.#create(account, successor);
  }

  #serveQueue(account: Account): void {
    const { maxManagersPerUser } = this.#host.options;
    while (account.queue.length > 0 && account.size < maxManagersPerUser) {
      const flight = account.queue.shift();
      if (flight === undefined) return;
      account.flights.delete(flight.context.threadId);
      if (this.#isFull()) refuseFlight(this.#host, this.#ledger, account, flight, 'total', 0);
      else this.#create(account, flight);
    }
  }

  #create(account: Account, flight: Flight): void {
    if (!isWanted(flight)) {
      for (const claim of flight.claims) claim.reject(new RegistryClosedError());
      return;
    }
    this.#cleanUpAhead(account);
    const nowMs = performance.now();
    const manager = new WebSocketManager(this.#host, account, flight.context, nowMs);
    this.#ledger.insert(account, manager);
    this.#host.journal.note('managerCreated', undefined, () => ({
      ...manager[kSubject](),
      manager,
    }));
    grant(manager, flight.claims, nowMs);
  }

  /** G5: before insertion, beside the acquire and not before it. */
  #cleanUpAhead(account: Account): void {
    const { maxManagersPerUser, proactiveThreshold } = this.#host.options;
    if (account.size < Math.ceil(proactiveThreshold * maxManagersPerUser)) return;
    if (account.cleanupRunning !== undefined || account.emergencyRunning) return;
    if (isBefore(account.proactiveRestUntilMs)) return;
    void this.#startCleanup(account, 'proactive');
  }

  #startCleanup(account: Account, kind: 'proactive' | 'requested'): Promise<CleanupReport> {
    // In one go: a listener to its start that asks for a cleanup finds this one under way.
    return this.#host.journal.run(() => {
      const running = new Deferred<CleanupReport>();
      // Before its first step, which may take the last manager there is: the account must outlive that, since
      // somebody may be about to get a place in it.
      account.cleanupRunning = running.promise;
      void cleanUp(this.#tools, account, kind).then((report) => {
        account.cleanupRunning = undefined;
        this.#rest(account);
        this.#ledger.settle(account);
        running.resolve(report);
      });
      return running.promise;
    });
  }

  #startEmergency(account: Account): void {
    account.emergencyRunning = true;
    const waiting = (): number => account.queue.filter(isWanted).length;
    void cleanUpInEmergency(this.#tools, account, waiting).then((report) => {
      this.#host.journal.run(() => {
        account.emergencyRunning = false;
        account.emergencyRestUntilMs = performance.now() + this.#host.options.emergencyCooldownMs;
        this.#rest(account);
        this.#serveQueue(account);
        // Whoever is still in the queue was there while room was being made, and found none.
        for (const flight of account.queue.splice(0)) {
          account.flights.delete(flight.context.threadId);
          this.#turnAway(account, flight, report.removed);
        }
        this.#ledger.settle(account);
      });
    });
  }

  #rest(account: Account): void {
    account.proactiveRestUntilMs = performance.now() + this.#host.options.proactiveCooldownMs;
  }
}

/** Whether this moment is still to come. */
function isBefore(atMs: number | undefined): boolean {
  return atMs !== undefined && performance.now() < atMs;
}
