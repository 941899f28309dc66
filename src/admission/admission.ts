/**
 * Which acquire gets a manager: one manager per key, the limits, and the queue for room (G3 to G6). Every decision
 * is made and acted on in one step, without an `await` in between: a count is still true when the manager is
 * inserted. Cleanups run beside it and report their removals through `ended`.
 */
import { InvalidContextError, RegistryClosedError } from '../errors.ts';
import { UserExecutionContext } from '../identity/user-execution-context.ts';
import type { ManagerHost } from '../internal/manager-host.ts';
import { kBeginClose, kDerivedBy, kSubject, kUserSlots } from '../internal/symbols.ts';
import { WebSocketManager } from '../manager.ts';
import { CLOSE_CODES } from '../socket/close-codes.ts';
import { DETACH_MS } from '../socket/close-order.ts';
import type { CleanupReport } from '../telemetry/event-payloads.ts';
import type { CloseReason } from '../telemetry/reasons.ts';
import { removeEmpty } from './cleanup.ts';
import { CleanupScheduler, isBefore } from './cleanup-scheduler.ts';
import { grant, isWanted, leastRecent, refusePendingAcquire } from './pending-acquires.ts';
import type { PendingAcquire, SlotTable, UserSlots, Waiter } from './slot-table.ts';

/** Pending acquires of one user that may wait for room at a time; the next one is refused at once. */
const QUEUE_LENGTH_MAX = 1_000;

export class Admission {
  readonly #host: ManagerHost<WebSocketManager>;
  readonly #slotTable: SlotTable;
  readonly #fingerprint: string;
  readonly #cleanups: CleanupScheduler;
  #closed = false;

  constructor(host: ManagerHost<WebSocketManager>, slotTable: SlotTable, fingerprint: string) {
    this.#host = host;
    this.#slotTable = slotTable;
    this.#fingerprint = fingerprint;
    this.#cleanups = new CleanupScheduler(host, slotTable, () => this.#closed);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Settles `waiter`: now, or when room was made or could not be made. Never throws. */
  admit(context: UserExecutionContext, waiter: Waiter): void {
    const { dispatcher } = this.#host;
    dispatcher.enter();
    try {
      if (this.#closed) throw new RegistryClosedError();
      this.#checkContext(context);
      const userSlots = this.#slotTable.userSlots(context.userId);
      this.#placeWaiter(userSlots, context, waiter);
      this.#slotTable.settle(userSlots);
    } catch (error) {
      waiter.reject(error);
    } finally {
      dispatcher.leave();
    }
  }

  /** The last socket of `manager` is destroyed: the next waiter gets its slot. */
  ended(manager: WebSocketManager, reason: CloseReason): void {
    const userSlots = manager[kUserSlots];
    if (!this.#slotTable.remove(userSlots, manager)) return;
    this.#host.dispatcher.note('managerRemoved', reason, () => ({
      ...manager[kSubject](),
      manager,
      reason,
      ageMs: performance.now() - manager.createdAtMs,
    }));
    if (userSlots.hasPendingAcquires) {
      this.#passSlotOn(userSlots, manager);
      this.#serveQueue(userSlots);
    }
    this.#slotTable.settle(userSlots);
  }

  /** Starts a requested cleanup, or joins the one that is running. */
  cleanUp(userId: string): Promise<CleanupReport> {
    const userSlots = this.#slotTable.userSlots(userId);
    return userSlots.cleanupRunning ?? this.#cleanups.start(userSlots, 'requested');
  }

  /** Refuses every acquire from now on, those that wait included. */
  close(): void {
    this.#closed = true;
    for (const userSlots of this.#slotTable.allUserSlots()) {
      if (!userSlots.hasPendingAcquires) continue;
      userSlots.queue.length = 0;
      userSlots.evictionSuccessors.clear();
      for (const pending of userSlots.pendingAcquires.values()) {
        for (const waiter of pending.waiters) waiter.reject(new RegistryClosedError());
      }
      userSlots.pendingAcquires.clear();
    }
  }

  #checkContext(context: unknown): void {
    if (!UserExecutionContext.isContext(context)) {
      throw new InvalidContextError('context', 'context must be a UserExecutionContext');
    }
    const derivedBy = context[kDerivedBy];
    if (derivedBy !== undefined && derivedBy !== this.#fingerprint) {
      // Two components with two secrets would derive two thread ids for one client (#108).
      throw new InvalidContextError(
        'threadId',
        'threadId was derived with another identitySecret than this registry has, use registry.contextFor()',
      );
    }
  }

  #placeWaiter(userSlots: UserSlots, context: UserExecutionContext, waiter: Waiter): void {
    const { threadId } = context;
    const present = userSlots.find(threadId);
    if (present?.state === 'open') {
      grant(present, [waiter], performance.now());
      return;
    }
    const pending = userSlots.hasPendingAcquires
      ? userSlots.pendingAcquires.get(threadId)
      : undefined;
    if (pending !== undefined) {
      pending.waiters.push(waiter);
      return;
    }
    const fresh: PendingAcquire = { context, waiters: [waiter] };
    if (present !== undefined) {
      // The manager is closing, which `closeTimeoutMs` bounds; `ended` gives its slot to this acquire.
      userSlots.pendingAcquires.set(threadId, fresh);
      return;
    }
    this.#makeRoomFor(userSlots, fresh);
  }

  /** Gives a new key a slot: a free one, or one for which room has to be made. */
  #makeRoomFor(userSlots: UserSlots, pending: PendingAcquire): void {
    if (this.#isFull())
      refusePendingAcquire(this.#host, this.#slotTable, userSlots, pending, 'total', 0);
    else if (this.#hasRoom(userSlots)) this.#create(userSlots, pending);
    else if (userSlots.emergencyRunning) this.#enqueue(userSlots, pending);
    else if (isBefore(userSlots.emergencyCooldownUntilMs))
      this.#admitWithoutProbe(userSlots, pending);
    else if (this.#enqueue(userSlots, pending)) this.#startEmergency(userSlots);
  }

  #isFull(): boolean {
    return this.#slotTable.size >= this.#host.options.maxManagers;
  }

  // An acquire in the queue was first. The slots of evicted managers belong to their eviction successors already.
  #hasRoom(userSlots: UserSlots): boolean {
    return (
      userSlots.size < this.#host.options.maxManagersPerUser &&
      !(userSlots.hasPendingAcquires && userSlots.queue.length > 0)
    );
  }

  #enqueue(userSlots: UserSlots, pending: PendingAcquire): boolean {
    if (userSlots.queue.length >= QUEUE_LENGTH_MAX) {
      refusePendingAcquire(this.#host, this.#slotTable, userSlots, pending, 'user', 0);
      // Stryker disable next-line BooleanLiteral: the queue is full only during a cleanup, which does not read the result
      return false;
    }
    userSlots.queue.push(pending);
    userSlots.pendingAcquires.set(pending.context.threadId, pending);
    return true;
  }

  /** Within the cooldown: an empty manager is removed if that makes room, but no peer is pinged again. */
  #admitWithoutProbe(userSlots: UserSlots, pending: PendingAcquire): void {
    if (removeEmpty(userSlots, 1, 'emergency') > 0) this.#create(userSlots, pending);
    else this.#refuseOrEvict(userSlots, pending, 0);
  }

  /** No room could be made: refuses the acquire, or evicts exactly one manager. */
  #refuseOrEvict(userSlots: UserSlots, pending: PendingAcquire, removed: number): void {
    if (this.#host.options.onLimit === 'reject' || !isWanted(pending)) {
      refusePendingAcquire(this.#host, this.#slotTable, userSlots, pending, 'user', removed);
      return;
    }
    const victim = leastRecent(userSlots);
    if (victim === undefined) {
      refusePendingAcquire(this.#host, this.#slotTable, userSlots, pending, 'user', removed);
      return;
    }
    userSlots.pendingAcquires.set(pending.context.threadId, pending);
    userSlots.evictionSuccessors.set(victim, pending);
    victim[kBeginClose]({
      reason: 'replaced',
      cause: 'manager',
      code: CLOSE_CODES.evicted,
      text: 'evicted',
      handshakeMs: this.#host.options.closeTimeoutMs,
      detachMs: DETACH_MS,
    });
  }

  /** Passes on the slot of a manager that ended: to its eviction successor first, then to an acquire of its own key. */
  #passSlotOn(userSlots: UserSlots, ended: WebSocketManager): void {
    const evictionSuccessor = userSlots.evictionSuccessors.get(ended);
    if (evictionSuccessor !== undefined) {
      userSlots.evictionSuccessors.delete(ended);
      userSlots.pendingAcquires.delete(evictionSuccessor.context.threadId);
      this.#create(userSlots, evictionSuccessor);
    }
    const { threadId } = ended.context;
    const successor = userSlots.pendingAcquires.get(threadId);
    if (successor === undefined) return;
    userSlots.pendingAcquires.delete(threadId);
    if (evictionSuccessor !== undefined) this.#makeRoomFor(userSlots, successor);
    else this.#create(userSlots, successor);
  }

  #serveQueue(userSlots: UserSlots): void {
    const { maxManagersPerUser } = this.#host.options;
    while (userSlots.queue.length > 0 && userSlots.size < maxManagersPerUser) {
      const pending = userSlots.queue.shift();
      if (pending === undefined) return;
      userSlots.pendingAcquires.delete(pending.context.threadId);
      if (this.#isFull())
        refusePendingAcquire(this.#host, this.#slotTable, userSlots, pending, 'total', 0);
      else this.#create(userSlots, pending);
    }
  }

  #create(userSlots: UserSlots, pending: PendingAcquire): void {
    if (!isWanted(pending)) {
      for (const waiter of pending.waiters) waiter.reject(new RegistryClosedError());
      return;
    }
    this.#cleanups.startProactive(userSlots);
    const nowMs = performance.now();
    const manager = new WebSocketManager(this.#host, userSlots, pending.context, nowMs);
    this.#slotTable.insert(userSlots, manager);
    this.#host.dispatcher.note('managerCreated', undefined, () => ({
      ...manager[kSubject](),
      manager,
    }));
    grant(manager, pending.waiters, nowMs);
  }

  #startEmergency(userSlots: UserSlots): void {
    this.#cleanups.startEmergency(userSlots, ({ removed }) => {
      this.#serveQueue(userSlots);
      // What is still in the queue waited while room was being made, and there was none.
      for (const pending of userSlots.queue.splice(0)) {
        userSlots.pendingAcquires.delete(pending.context.threadId);
        this.#refuseOrEvict(userSlots, pending, removed);
      }
    });
  }
}
