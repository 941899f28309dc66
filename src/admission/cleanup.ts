/**
 * Which managers of a user are removed to make room: by the proactive, the requested and the emergency
 * cleanup (G5, G6). Owns what is removed and keeps its time; when a cleanup runs is in `cleanup-scheduler.ts`.
 */
import { kBeginClose, kEnded, kIdleLifetime, kSnapshot } from '../internal/symbols.ts';
import { emptyOrder } from '../liveness/idle-lifetime.ts';
import { probe } from '../liveness/probe.ts';
import type { WebSocketManager } from '../manager.ts';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';
import { CLOSE_CODES } from '../socket/close-codes.ts';
import { type CloseBound, DETACH_MS, type ManagerCloseOrder } from '../socket/close-order.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { CleanupReport } from '../telemetry/event-payloads.ts';
import type { CleanupKind, CleanupOutcome } from '../telemetry/reasons.ts';
import { emergencyBudget } from './emergency-budget.ts';
import type { UserSlots } from './slot-table.ts';

export interface CleanupTools {
  readonly options: ResolvedRegistryOptions;
  readonly dispatcher: EventDispatcher;
  readonly isClosing: () => boolean;
}

/**
 * Removes managers that are unresponsive, or empty after their grace. Never a manager whose peer answers, nor one
 * younger than `birthGraceMs`. Settles within `probeTimeoutMs` + `closeTimeoutMs` and a moment.
 */
export function cleanUp(
  tools: CleanupTools,
  userSlots: UserSlots,
  kind: 'proactive' | 'requested',
): Promise<CleanupReport> {
  return new CleanupRun(tools, userSlots, kind).run();
}

/**
 * Pings the peers of every manager of the user at once, removes unresponsive managers, then empty ones, oldest
 * first, as many as `waiting` still needs. Settles within `emergencyDeadlineMs`, whatever the peers do.
 */
export function cleanUpInEmergency(
  tools: CleanupTools,
  userSlots: UserSlots,
  waiting: () => number,
): Promise<CleanupReport> {
  return new CleanupRun(tools, userSlots, 'emergency').runEmergency(waiting);
}

/**
 * Removes empty managers to which no client is about to connect, oldest first, until `needed` are gone.
 * Immediate: there is no socket to wait for. Returns how many it removed.
 */
export function removeEmpty(userSlots: UserSlots, needed: number, kind: CleanupKind): number {
  let removed = 0;
  for (const manager of userSlots.managers) {
    if (removed >= needed) break;
    if (manager.state !== 'open') continue;
    const standing = manager[kSnapshot]();
    if (standing.sockets > 0 || standing.awaited) continue;
    manager[kBeginClose](emptyOrder(kind));
    removed += 1;
  }
  return removed;
}

class CleanupRun {
  readonly #tools: CleanupTools;
  readonly #userSlots: UserSlots;
  readonly #kind: CleanupKind;
  readonly #startedAtMs = performance.now();
  readonly #startedCount: number;
  // Stryker disable next-line ArrayDeclaration: waiting for a settled value takes no time
  readonly #ends: Promise<void>[] = [];
  #probed = 0;
  #removed = 0;

  constructor(tools: CleanupTools, userSlots: UserSlots, kind: CleanupKind) {
    this.#tools = tools;
    this.#userSlots = userSlots;
    this.#kind = kind;
    this.#startedCount = userSlots.size;
    tools.dispatcher.record('cleanupStarted', {
      kind,
      userId: userSlots.userId,
      count: this.#startedCount,
      limit: tools.options.maxManagersPerUser,
    });
  }

  async run(): Promise<CleanupReport> {
    try {
      const managers = this.#userSlots.managers;
      await Promise.all(managers.map((manager) => this.#removeUnlessUsed(manager)));
      await Promise.all(this.#ends);
      return this.#finish(this.#tools.isClosing() ? 'interrupted' : 'done');
    } catch (error) {
      return this.#fail(error);
    }
  }

  async runEmergency(waiting: () => number): Promise<CleanupReport> {
    try {
      const managers = this.#userSlots.managers;
      await Promise.all(managers.map((manager) => this.#removeAtOnce(manager)));
      // Unresponsive managers are closing; empty ones make up for what is still missing.
      this.#removed += removeEmpty(this.#userSlots, waiting() - this.#freeing(), 'emergency');
      await Promise.all(this.#ends);
      this.#removed += removeEmpty(this.#userSlots, waiting(), 'emergency');
      if (this.#tools.isClosing()) return this.#finish('interrupted');
      return this.#finish(waiting() === 0 ? 'room' : 'full');
    } catch (error) {
      return this.#fail(error);
    }
  }

  async #removeUnlessUsed(manager: WebSocketManager): Promise<void> {
    const { birthGraceMs, probeTimeoutMs } = this.#tools.options;
    if (manager.state !== 'open') return;
    if (performance.now() < manager.createdAtMs + birthGraceMs) return;
    const standing = manager[kSnapshot]();
    if (standing.sockets === 0) {
      if (!standing.graceOver || standing.awaited) return;
      this.#remove(manager, emptyOrder(this.#kind));
      return;
    }
    if (await this.#isUnresponsive(manager, probeTimeoutMs))
      this.#closeUnresponsive(manager, this.#usualBound());
  }

  async #removeAtOnce(manager: WebSocketManager): Promise<void> {
    const { probeMs } = emergencyBudget(this.#tools.options);
    if (manager.state === 'open') {
      if (manager[kSnapshot]().sockets === 0) return;
      if (await this.#isUnresponsive(manager, probeMs)) {
        this.#closeUnresponsive(manager, this.#emergencyBound());
        return;
      }
    }
    // After a shutdown no acquire waits for room, and the shutdown gives closing managers a time of its own.
    if (manager.state !== 'closing' || this.#tools.isClosing()) return;
    // It was closing already, or another cleanup has found it unresponsive: it holds its slot until it has ended,
    // and was given more time than there is now.
    manager[kBeginClose](
      unresponsiveOrder(this.#kind, this.#closingBound(Number.POSITIVE_INFINITY)),
    );
    this.#ends.push(manager[kEnded]());
  }

  async #isUnresponsive(manager: WebSocketManager, timeoutMs: number): Promise<boolean> {
    this.#probed += 1;
    const verdict = await probe(manager, timeoutMs);
    // A client may have connected, or the manager may have closed, between the verdict and now.
    if (verdict !== 'dead' || manager.state !== 'open') return false;
    return (
      manager[kSnapshot]().reservations === 0 &&
      !manager[kIdleLifetime].isArriving(performance.now())
    );
  }

  #closeUnresponsive(manager: WebSocketManager, bound: CloseBound): void {
    this.#remove(manager, unresponsiveOrder(this.#kind, bound));
  }

  #remove(manager: WebSocketManager, order: ManagerCloseOrder): void {
    this.#removed += 1;
    this.#ends.push(manager[kEnded]());
    manager[kBeginClose](order);
  }

  // A peer that left a ping unanswered has the same time once more for the closing handshake.
  #usualBound(): CloseBound {
    const { closeTimeoutMs, probeTimeoutMs } = this.#tools.options;
    return { handshakeMs: Math.min(closeTimeoutMs, probeTimeoutMs), detachMs: DETACH_MS };
  }

  #emergencyBound(): CloseBound {
    const { closeTimeoutMs, probeTimeoutMs } = this.#tools.options;
    return this.#closingBound(Math.min(closeTimeoutMs, probeTimeoutMs));
  }

  /** The one place that holds an emergency cleanup to its deadline. */
  #closingBound(wishedMs: number): CloseBound {
    const { terminateAfterMs, detachMs } = emergencyBudget(this.#tools.options);
    const leftMs = Math.max(0, terminateAfterMs - (performance.now() - this.#startedAtMs));
    return { handshakeMs: Math.min(wishedMs, leftMs), detachMs };
  }

  /** Managers that are closing, whose slots will be free without a further removal. */
  #freeing(): number {
    const { managers, evictionSuccessors, pendingAcquires } = this.#userSlots;
    let freeing = 0;
    for (const manager of managers) {
      // One with an eviction successor, or whose own key is acquired again, makes no room for other acquires.
      if (
        manager.state === 'closing' &&
        !evictionSuccessors.has(manager) &&
        !pendingAcquires.has(manager.context.threadId)
      )
        freeing += 1;
    }
    return freeing;
  }

  #fail(error: unknown): CleanupReport {
    return this.#tools.dispatcher.run(() => {
      this.#tools.dispatcher.hookFailed(`cleanup:${this.#kind}`, error, this.#userSlots.userId);
      return this.#finish('failed');
    });
  }

  #finish(outcome: CleanupOutcome): CleanupReport {
    const report: CleanupReport = {
      kind: this.#kind,
      userId: this.#userSlots.userId,
      startedCount: this.#startedCount,
      count: this.#userSlots.size,
      limit: this.#tools.options.maxManagersPerUser,
      probed: this.#probed,
      removed: this.#removed,
      durationMs: performance.now() - this.#startedAtMs,
      outcome,
    };
    this.#tools.dispatcher.record('cleanupFinished', report);
    return report;
  }
}

function unresponsiveOrder(reason: CleanupKind, bound: CloseBound): ManagerCloseOrder {
  const code = CLOSE_CODES.unresponsive;
  return { reason, cause: 'manager', code, text: 'unresponsive', ...bound };
}
