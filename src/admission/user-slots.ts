/** What belongs to one user: its managers, the acquires that wait for one, and the cooldowns between two acquires. */

import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import { added, countOf, find, removed, type SmallMap, valuesOf } from '../internal/small-map.ts';
import type { CleanupReport } from '../telemetry/event-payloads.ts';

/** One caller of `acquire`, or one upgrade. */
export interface Waiter<M> {
  /** An upgrade gets its manager with a reservation: no cleanup removes it before the connect. */
  readonly reserve: boolean;
  /** Set to false by an upgrade whose socket died; it gets no manager then. */
  wanted: boolean;
  resolve(manager: M): void;
  reject(error: unknown): void;
}

/** All waiters for one key that has no open manager yet: they share one manager (G3). */
export interface PendingAcquire<M> {
  readonly context: UserExecutionContext;
  readonly waiters: Waiter<M>[];
}

interface CleanupState {
  readonly emergencyRunning?: boolean;
  readonly cleanupRunning?: Promise<CleanupReport> | undefined;
  readonly proactiveCooldownUntilMs?: number | undefined;
  readonly emergencyCooldownUntilMs?: number | undefined;
}

interface AcquireQueues<M> {
  readonly pendingAcquires: Map<string, PendingAcquire<M>>;
  readonly queue: PendingAcquire<M>[];
  readonly evictionSuccessors: Map<M, PendingAcquire<M>>;
}

/** What the slots need of a manager. Its class `M` is a parameter for the reason given in `connection.ts`. */
interface SlotHolder {
  readonly context: UserExecutionContext;
}

/** The part of a key that differs between the managers of one user. The whole key takes another hundred bytes. */
const threadOf = ({ context }: SlotHolder): string => context.threadId;

export class UserSlots<M extends SlotHolder> {
  readonly userId: string;
  #managers: SmallMap<M>;
  // Made with the first cleanup and the first waiter: hardly any user has either, and every user has slots.
  #cleanupState: CleanupState | undefined;
  #queues: AcquireQueues<M> | undefined;

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Managers that hold a slot. */
  get size(): number {
    return countOf(this.#managers);
  }

  /** A snapshot, oldest first. A manager is in it as long as it holds a slot. */
  get managers(): readonly M[] {
    return [...valuesOf(this.#managers)];
  }

  find(threadId: string): M | undefined {
    return find(this.#managers, threadId, threadOf);
  }

  add(manager: M): void {
    this.#managers = added(this.#managers, manager, threadOf);
  }

  /** By identity: the end of a manager never removes the one that has its thread now (G3). False when it is not there. */
  remove(manager: M): boolean {
    if (this.find(threadOf(manager)) !== manager) return false;
    this.#managers = removed(this.#managers, manager, threadOf);
    return true;
  }

  get emergencyRunning(): boolean {
    return this.#cleanupState?.emergencyRunning ?? false;
  }

  set emergencyRunning(emergencyRunning: boolean) {
    this.#setCleanupState({ emergencyRunning });
  }

  /** The proactive or requested cleanup that is under way. */
  get cleanupRunning(): Promise<CleanupReport> | undefined {
    return this.#cleanupState?.cleanupRunning;
  }

  set cleanupRunning(cleanupRunning: Promise<CleanupReport> | undefined) {
    this.#setCleanupState({ cleanupRunning });
  }

  /** No proactive cleanup starts before this, on the clock of `performance.now()`. */
  get proactiveCooldownUntilMs(): number | undefined {
    return this.#cleanupState?.proactiveCooldownUntilMs;
  }

  set proactiveCooldownUntilMs(proactiveCooldownUntilMs: number | undefined) {
    this.#setCleanupState({ proactiveCooldownUntilMs });
  }

  /** No emergency cleanup pings peers again before this, on the clock of `performance.now()`. */
  get emergencyCooldownUntilMs(): number | undefined {
    return this.#cleanupState?.emergencyCooldownUntilMs;
  }

  set emergencyCooldownUntilMs(emergencyCooldownUntilMs: number | undefined) {
    this.#setCleanupState({ emergencyCooldownUntilMs });
  }

  /** Whether any acquire waits. Those in the queue and eviction successors are pending acquires too. */
  get hasPendingAcquires(): boolean {
    return this.#queues !== undefined && this.#queues.pendingAcquires.size > 0;
  }

  /** Every unsettled acquire, by thread id: those in the queue, and those that wait for a manager to end. */
  get pendingAcquires(): Map<string, PendingAcquire<M>> {
    return this.#madeQueues().pendingAcquires;
  }

  /** Acquires that wait for room, in the order of their arrival. */
  get queue(): PendingAcquire<M>[] {
    return this.#madeQueues().queue;
  }

  /** Acquires that get the slot of the manager that was evicted for them. */
  get evictionSuccessors(): Map<M, PendingAcquire<M>> {
    return this.#madeQueues().evictionSuccessors;
  }

  /** Whether the slots must be kept, whatever their cooldowns. */
  get isInUse(): boolean {
    return (
      this.size > 0 ||
      this.hasPendingAcquires ||
      this.emergencyRunning ||
      this.cleanupRunning !== undefined
    );
  }

  /** Undefined when there is no cooldown to remember. */
  get cooldownUntilMs(): number | undefined {
    const { proactiveCooldownUntilMs: proactive, emergencyCooldownUntilMs: emergency } = this;
    return proactive === undefined || emergency === undefined
      ? (proactive ?? emergency)
      : Math.max(proactive, emergency);
  }

  #setCleanupState(change: CleanupState): void {
    this.#cleanupState = { ...this.#cleanupState, ...change };
  }

  #madeQueues(): AcquireQueues<M> {
    this.#queues ??= { pendingAcquires: new Map(), queue: [], evictionSuccessors: new Map() };
    return this.#queues;
  }
}
