/**
 * How long a manager is kept without a connection: the graces, what extends them, and its scheduled
 * removal. Owns the times and the reservations; the manager owns the connections.
 */

import type { IdleSnapshot, ManagerPort } from '../internal/manager-port.ts';
import { kBeginClose, kHost, kSocketCount, kSubject } from '../internal/symbols.ts';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';
import { CLOSE_CODES } from '../socket/close-codes.ts';
import type { ManagerCloseOrder } from '../socket/close-order.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { CloseReason } from '../telemetry/reasons.ts';
import type { ScheduledRemoval, ScheduledRemovals } from './scheduled-removals.ts';

/** What it needs of the registry. */
export interface IdleLifetimeHost {
  readonly options: ResolvedRegistryOptions;
  readonly dispatcher: EventDispatcher;
  readonly scheduledRemovals: ScheduledRemovals;
}

/** What it needs of its manager. */
export interface IdleLifetimeOwner extends ManagerPort {
  readonly [kHost]: IdleLifetimeHost;
}

/**
 * Milliseconds for which an empty manager that `acquire` returned is kept for the caller, whatever the
 * graces are. They begin when the code of the caller continues, not in the tick in which `acquire` returned it.
 */
const ARRIVAL_MS = 10;

/** A `then` on it runs in the microtask that is queued now, at a fraction of the cost of `queueMicrotask`. */
const settled = Promise.resolve();

export class IdleLifetime {
  readonly #manager: IdleLifetimeOwner;
  #lastActivityMs: number;
  // Undefined until it is needed: there is one of these for every manager, and a number takes 16 bytes.
  #idleSinceMs: number | undefined;
  #handedOutAtMs: number | undefined;
  #everConnected = false;
  #handedOut = false;
  /** Callers that were given the manager in this tick, and whose code has not continued yet. */
  #handingOut = 0;
  #reservations = 0;
  #scheduledRemoval: ScheduledRemoval | undefined;

  constructor(manager: IdleLifetimeOwner) {
    this.#manager = manager;
    this.#lastActivityMs = manager.createdAtMs;
  }

  get #host(): IdleLifetimeHost {
    return this.#manager[kHost];
  }

  get lastActivityMs(): number {
    return this.#lastActivityMs;
  }

  get reservations(): number {
    return this.#reservations;
  }

  snapshot(nowMs: number): IdleSnapshot {
    return {
      reservations: this.#reservations,
      awaited: this.isAwaited(nowMs),
      graceOver: nowMs >= this.#endsAtMs(nowMs),
      scheduled: this.#scheduledRemoval !== undefined,
    };
  }

  /** Whether a client may be about to connect. */
  isAwaited(nowMs: number): boolean {
    const arrivalMs = Math.max(
      this.#everConnected ? Number.NEGATIVE_INFINITY : this.#manager.createdAtMs,
      this.#handedOutAtMs ?? Number.NEGATIVE_INFINITY,
    );
    return (
      this.#reservations > 0 ||
      nowMs < arrivalMs + this.#host.options.birthGraceMs ||
      this.isArriving(nowMs)
    );
  }

  /** Whether a caller was given the manager a moment ago: it must not be removed or evicted yet. */
  isArriving(nowMs: number): boolean {
    if (this.#handingOut > 0) return true;
    return this.#handedOutAtMs !== undefined && nowMs < this.#handedOutAtMs + ARRIVAL_MS;
  }

  /** A peer of the manager was heard. */
  touch(nowMs: number): void {
    this.#lastActivityMs = nowMs;
  }

  /** An upgrade is about to connect: until `unreserve` the manager counts as not empty. */
  reserve(nowMs: number): void {
    this.#reservations += 1;
    this.#lastActivityMs = nowMs;
    this.cancelRemoval();
  }

  /** Ends one reservation. A manager that was acquired only by upgrades that died is removed at once. */
  unreserve(): void {
    this.#host.dispatcher.run(() => {
      this.#reservations -= 1;
      if (this.#everConnected || this.#handedOut) this.#becomeIdle(performance.now());
      else if (this.#isVacant()) this.#manager[kBeginClose](emptyOrder('released'));
    });
  }

  /** `acquire` returned the manager to a caller, which needs a moment to connect. */
  handOut(nowMs: number): void {
    this.#handedOut = true;
    this.#lastActivityMs = nowMs;
    this.#handingOut += 1;
    // Before the continuation of the caller, which is queued next.
    void settled.then(() => this.#handedOver());
    if (this.#manager[kSocketCount] > 0) return;
    this.#handedOutAtMs = nowMs;
    if (this.#scheduledRemoval === undefined && this.#isVacant()) this.#schedule(nowMs);
  }

  #handedOver(): void {
    this.#handingOut -= 1;
    if (this.#handedOutAtMs !== undefined) this.#handedOutAtMs = performance.now();
  }

  connected(nowMs: number): void {
    this.#everConnected = true;
    this.#handedOutAtMs = undefined;
    this.#lastActivityMs = nowMs;
    this.cancelRemoval();
  }

  /** The last connection closed: the manager is removed after its grace (G7). */
  emptied(): void {
    const nowMs = performance.now();
    this.#idleSinceMs = nowMs;
    this.#becomeIdle(nowMs);
  }

  /** The scheduled removal is due. A later acquire may have extended the grace. */
  expire(): void {
    this.#scheduledRemoval = undefined;
    if (this.#isVacant()) this.#schedule(performance.now());
  }

  cancelRemoval(): void {
    if (this.#scheduledRemoval === undefined) return;
    this.#host.scheduledRemovals.cancel(this.#scheduledRemoval);
    this.#scheduledRemoval = undefined;
  }

  #isVacant(): boolean {
    const { state, [kSocketCount]: sockets } = this.#manager;
    return state === 'open' && sockets === 0 && this.#reservations === 0;
  }

  #becomeIdle(nowMs: number): void {
    if (!this.#isVacant() || this.#scheduledRemoval !== undefined) return;
    this.#host.dispatcher.note('managerIdle', undefined, () => ({
      ...this.#manager[kSubject](),
      manager: this.#manager,
      graceMs: Math.max(0, this.#endsAtMs(nowMs) - nowMs),
    }));
    this.#schedule(nowMs);
  }

  #endsAtMs(nowMs: number): number {
    const { birthGraceMs, reconnectGraceMs } = this.#host.options;
    const graceMs = this.#everConnected
      ? reconnectGraceMs
      : Math.max(birthGraceMs, reconnectGraceMs);
    const endsAtMs = (this.#idleSinceMs ?? this.#manager.createdAtMs) + graceMs;
    const arrivedAtMs = this.#handingOut > 0 ? nowMs : this.#handedOutAtMs;
    if (arrivedAtMs === undefined) return endsAtMs;
    return Math.max(endsAtMs, arrivedAtMs + Math.max(birthGraceMs, ARRIVAL_MS));
  }

  #schedule(nowMs: number): void {
    const dueMs = this.#endsAtMs(nowMs);
    if (dueMs > nowMs) this.#scheduledRemoval = this.#host.scheduledRemovals.schedule(this, dueMs);
    else this.#manager[kBeginClose](emptyOrder('idle'));
  }
}

/** For a manager without sockets: there is no peer to notify and nothing to wait for. */
export function emptyOrder(reason: CloseReason): ManagerCloseOrder {
  const code = CLOSE_CODES.normal;
  // Stryker disable next-line StringLiteral: an empty manager has no connection that could be told
  return { reason, cause: 'manager', code, text: '', handshakeMs: 0, detachMs: 0 };
}
