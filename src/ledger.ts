/**
 * Who holds a slot: the managers by user and key, and what is remembered of a user between two
 * acquires. Owns the counting and the removal by identity; decides nothing.
 */

import { Account } from './account.ts';
import { type DueEntry, DueQueue } from './due-queue.ts';
import { kAccount } from './internals.ts';
import type { WebSocketManager } from './manager.ts';

/** Told when the first manager comes and when the last has gone. */
export interface LedgerWatcher {
  filled(): void;
  emptied(): void;
}

export class Ledger {
  readonly #accounts = new Map<string, Account>();
  /** Accounts without managers that are kept while a cooldown lasts, by its end. */
  readonly #resting = new DueQueue<Account>();
  readonly #rests = new Map<Account, DueEntry<Account>>();
  readonly #watcher: LedgerWatcher;
  #size = 0;

  constructor(watcher: LedgerWatcher) {
    this.#watcher = watcher;
  }

  get size(): number {
    return this.#size;
  }

  /** Makes the account when there is none; `settle` drops it again. */
  account(userId: string): Account {
    const known = this.#accounts.get(userId);
    if (known !== undefined) return known;
    const account = new Account(userId);
    this.#accounts.set(userId, account);
    return account;
  }

  find(userId: string): Account | undefined {
    return this.#accounts.get(userId);
  }

  accounts(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  countOf(userId: string): number {
    return this.#accounts.get(userId)?.size ?? 0;
  }

  holds(manager: WebSocketManager): boolean {
    const account = manager[kAccount];
    return (
      this.#accounts.get(account.userId) === account &&
      account.find(manager.context.threadId) === manager
    );
  }

  insert(account: Account, manager: WebSocketManager): void {
    account.add(manager);
    this.#size += 1;
    if (this.#size === 1) this.#watcher.filled();
  }

  /** By identity: the end of a manager never removes the one that took its key (G3). */
  remove(account: Account, manager: WebSocketManager): boolean {
    if (!account.remove(manager)) return false;
    this.#size -= 1;
    if (this.#size === 0) this.#watcher.emptied();
    return true;
  }

  /** Drops an account that is of no more use, or lets it rest until its cooldowns are over. */
  settle(account: Account): void {
    if (this.#resting.size > 0) this.wake();
    if (account.isInUse || this.#accounts.get(account.userId) !== account) return;
    if (!this.#rest(account)) this.#drop(account);
  }

  /**
   * Drops the accounts that have rested enough; how many those were. Without a timer: whoever comes next
   * does it, and the background sweep while there is one.
   */
  wake(): number {
    const nowMs = performance.now();
    let dropped = 0;
    for (;;) {
      const account = this.#resting.takeDue(nowMs);
      if (account === undefined) return dropped;
      this.#rests.delete(account);
      if (account.isInUse) continue;
      // It may have been used meanwhile, and got a longer cooldown.
      if (this.#rest(account)) continue;
      this.#drop(account);
      dropped += 1;
    }
  }

  /** Whether it has a cooldown to remember, and is kept for that. */
  #rest(account: Account): boolean {
    const untilMs = account.restsUntilMs;
    if (untilMs === undefined || performance.now() >= untilMs) return false;
    if (!this.#rests.has(account)) this.#rests.set(account, this.#resting.add(account, untilMs));
    return true;
  }

  /** By identity, for the same reason as with managers: the user may have a new account by now. */
  #drop(account: Account): void {
    const rest = this.#rests.size === 0 ? undefined : this.#rests.get(account);
    if (rest !== undefined) {
      this.#resting.remove(rest);
      this.#rests.delete(account);
    }
    if (this.#accounts.get(account.userId) === account) this.#accounts.delete(account.userId);
  }
}
