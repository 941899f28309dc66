/**
 * The slots that managers hold, by user and thread, and the cooldowns of users between two acquires. Owns the
 * counting and the removal by identity; decides nothing.
 */
import { type DueEntry, DueQueue } from '../internal/due-queue.ts';
import { kUserSlots } from '../internal/symbols.ts';
import type { WebSocketManager } from '../manager.ts';
import * as slots from './user-slots.ts';

/** The types of `user-slots.ts` for the one type of manager there is. */
export type UserSlots = slots.UserSlots<WebSocketManager>;
export type PendingAcquire = slots.PendingAcquire<WebSocketManager>;
export type Waiter = slots.Waiter<WebSocketManager>;

/** Called when the first manager is inserted and when the last is removed. */
export interface SlotWatcher {
  filled(): void;
  emptied(): void;
}

export class SlotTable {
  readonly #allUserSlots = new Map<string, UserSlots>();
  /** User slots without managers that are kept while a cooldown lasts, by its end. */
  readonly #cooldowns = new DueQueue<UserSlots>();
  readonly #cooldownEntries = new Map<UserSlots, DueEntry<UserSlots>>();
  readonly #watcher: SlotWatcher;
  #size = 0;

  constructor(watcher: SlotWatcher) {
    this.#watcher = watcher;
  }

  get size(): number {
    return this.#size;
  }

  /** Makes the slots of the user when there are none; `settle` drops them again. */
  userSlots(userId: string): UserSlots {
    const known = this.#allUserSlots.get(userId);
    if (known !== undefined) return known;
    const userSlots = new slots.UserSlots<WebSocketManager>(userId);
    this.#allUserSlots.set(userId, userSlots);
    return userSlots;
  }

  find(userId: string): UserSlots | undefined {
    return this.#allUserSlots.get(userId);
  }

  allUserSlots(): readonly UserSlots[] {
    return [...this.#allUserSlots.values()];
  }

  countOf(userId: string): number {
    return this.#allUserSlots.get(userId)?.size ?? 0;
  }

  holds(manager: WebSocketManager): boolean {
    const userSlots = manager[kUserSlots];
    return (
      this.#allUserSlots.get(userSlots.userId) === userSlots &&
      // Stryker disable next-line ConditionalExpression: an open manager is always found in its user slots
      userSlots.find(manager.context.threadId) === manager
    );
  }

  insert(userSlots: UserSlots, manager: WebSocketManager): void {
    userSlots.add(manager);
    this.#size += 1;
    if (this.#size === 1) this.#watcher.filled();
  }

  /** By identity: the end of a manager never removes the one that took its key (G3). */
  remove(userSlots: UserSlots, manager: WebSocketManager): boolean {
    if (!userSlots.remove(manager)) return false;
    this.#size -= 1;
    if (this.#size === 0) this.#watcher.emptied();
    return true;
  }

  /** Drops user slots that are of no more use, or keeps them until their cooldowns are over. */
  settle(userSlots: UserSlots): void {
    if (this.#cooldowns.size > 0) this.dropCooledDown();
    if (userSlots.isInUse || this.#allUserSlots.get(userSlots.userId) !== userSlots) return;
    if (!this.#keepForCooldown(userSlots)) this.#drop(userSlots);
  }

  /**
   * Drops user slots whose cooldowns are over, and returns how many. It has no timer: the next acquire calls it, and so
   * does the background sweep while there is one.
   */
  dropCooledDown(): number {
    const nowMs = performance.now();
    let dropped = 0;
    for (;;) {
      const userSlots = this.#cooldowns.takeDue(nowMs);
      if (userSlots === undefined) return dropped;
      this.#cooldownEntries.delete(userSlots);
      if (userSlots.isInUse) continue;
      // It may have been used meanwhile, and got a longer cooldown.
      if (this.#keepForCooldown(userSlots)) continue;
      this.#drop(userSlots);
      dropped += 1;
    }
  }

  /** Whether the user slots have a cooldown that is not over, and are kept for it. */
  #keepForCooldown(userSlots: UserSlots): boolean {
    const untilMs = userSlots.cooldownUntilMs;
    if (untilMs === undefined || performance.now() >= untilMs) return false;
    if (!this.#cooldownEntries.has(userSlots))
      this.#cooldownEntries.set(userSlots, this.#cooldowns.add(userSlots, untilMs));
    return true;
  }

  /** By identity, as with managers: the user may have new slots by now. */
  #drop(userSlots: UserSlots): void {
    const entry =
      // Stryker disable next-line ConditionalExpression,EqualityOperator: user slots are dropped only when their cooldown is over
      this.#cooldownEntries.size === 0 ? undefined : this.#cooldownEntries.get(userSlots);
    // Stryker disable next-line BlockStatement: user slots are dropped only when their cooldown is over
    if (entry !== undefined) {
      this.#cooldowns.remove(entry);
      this.#cooldownEntries.delete(userSlots);
    }
    if (this.#allUserSlots.get(userSlots.userId) === userSlots)
      this.#allUserSlots.delete(userSlots.userId);
  }
}
