/**
 * How a pending acquire is settled: every waiter gets the manager, or a refusal of its own. Owns the answers; which
 * acquire is next, and whether there is room, is the admission's business.
 */
import { ManagerLimitError } from '../errors.ts';
import type { ManagerHost } from '../internal/manager-host.ts';
import { kIdleLifetime } from '../internal/symbols.ts';
import type { WebSocketManager } from '../manager.ts';
import type { PendingAcquire, SlotTable, UserSlots, Waiter } from './slot-table.ts';

/** Refuses each waiter by itself: every one gets an error and a counted `limitReached`. */
export function refusePendingAcquire(
  host: ManagerHost<WebSocketManager>,
  slotTable: SlotTable,
  userSlots: UserSlots,
  pending: PendingAcquire,
  scope: 'user' | 'total',
  removed: number,
): void {
  const { maxManagers, maxManagersPerUser } = host.options;
  const { userId, threadId, isolationKey } = pending.context;
  const cooldownMs = (userSlots.emergencyCooldownUntilMs ?? 0) - performance.now();
  const details = {
    userId,
    count: scope === 'user' ? userSlots.size : slotTable.size,
    limit: scope === 'user' ? maxManagersPerUser : maxManagers,
    removed,
    retryAfterMs: Math.max(0, Math.ceil(cooldownMs)),
  };
  for (const waiter of pending.waiters) {
    if (waiter.wanted) {
      const subject = { scope, threadId, isolationKey, ...details };
      host.dispatcher.record('limitReached', subject);
    }
    waiter.reject(new ManagerLimitError(scope, details));
  }
}

export function grant(manager: WebSocketManager, waiters: readonly Waiter[], nowMs: number): void {
  for (const waiter of waiters) {
    if (waiter.wanted) {
      if (waiter.reserve) manager[kIdleLifetime].reserve(nowMs);
      else manager[kIdleLifetime].handOut(nowMs);
    }
    waiter.resolve(manager);
  }
}

export function isWanted(pending: PendingAcquire): boolean {
  return pending.waiters.some((waiter) => waiter.wanted);
}

/** The manager that was last used the longest ago; never one to which a client is connecting. */
export function leastRecent(userSlots: UserSlots): WebSocketManager | undefined {
  const nowMs = performance.now();
  let found: WebSocketManager | undefined;
  for (const manager of userSlots.managers) {
    if (manager.state !== 'open' || manager[kIdleLifetime].reservations > 0) continue;
    if (manager[kIdleLifetime].isArriving(nowMs)) continue;
    if (found === undefined || manager.lastActivityMs < found.lastActivityMs) found = manager;
  }
  return found;
}
