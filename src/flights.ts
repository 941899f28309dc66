/**
 * What becomes of those who wait for a manager: they get it, or a refusal each. Owns the answers; who is
 * next, and whether there is room, is the admission's business.
 */

import type { Account, Claim, Flight } from './account.ts';
import { ManagerLimitError } from './errors.ts';
import { kStay } from './internals.ts';
import type { Ledger } from './ledger.ts';
import type { WebSocketManager } from './manager.ts';
import type { ManagerHost } from './manager-host.ts';

/** Each claim is refused for itself: an error and a counted limit for every one of them. */
export function refuseFlight(
  host: ManagerHost,
  ledger: Ledger,
  account: Account,
  flight: Flight,
  scope: 'user' | 'total',
  removed: number,
): void {
  const { maxManagers, maxManagersPerUser } = host.options;
  const { userId, threadId, isolationKey } = flight.context;
  const restMs = (account.emergencyRestUntilMs ?? 0) - performance.now();
  const details = {
    userId,
    count: scope === 'user' ? account.size : ledger.size,
    limit: scope === 'user' ? maxManagersPerUser : maxManagers,
    removed,
    retryAfterMs: Math.max(0, Math.ceil(restMs)),
  };
  for (const claim of flight.claims) {
    if (claim.wanted) {
      const subject = { scope, threadId, isolationKey, ...details };
      host.journal.record('limitReached', subject);
    }
    claim.reject(new ManagerLimitError(scope, details));
  }
}

export function grant(manager: WebSocketManager, claims: readonly Claim[], nowMs: number): void {
  for (const claim of claims) {
    if (claim.wanted) {
      if (claim.reserve) manager[kStay].reserve(nowMs);
      else manager[kStay].handOut(nowMs);
    }
    claim.resolve(manager);
  }
}

export function isWanted(flight: Flight): boolean {
  return flight.claims.some((claim) => claim.wanted);
}

/** The manager that nobody has used for the longest; never one that somebody is connecting to. */
export function leastRecent(account: Account): WebSocketManager | undefined {
  const nowMs = performance.now();
  let found: WebSocketManager | undefined;
  for (const manager of account.managers) {
    if (manager.state !== 'open' || manager[kStay].reservations > 0) continue;
    if (manager[kStay].isArriving(nowMs)) continue;
    if (found === undefined || manager.lastActivityMs < found.lastActivityMs) found = manager;
  }
  return found;
}
