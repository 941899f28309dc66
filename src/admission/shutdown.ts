/**
 * The shutdown of a registry: it closes the managers a batch at a time, and terminates what is left shortly before
 * the deadline (G12). Owns the batches and the deadline; that no acquire succeeds any more is the admission's business.
 */
import { randomInt } from 'node:crypto';
import { Deferred } from '../internal/deferred.ts';
import { kBeginClose, kEnded, kSockets } from '../internal/symbols.ts';
import type { WebSocketConnection, WebSocketManager } from '../manager.ts';
import type { CheckedShutdownOptions } from '../options/shutdown-options.ts';
import { CLOSE_CODES } from '../socket/close-codes.ts';
import { detachShareMs, type ManagerCloseOrder } from '../socket/close-order.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { ShutdownReport } from '../telemetry/event-payloads.ts';

/** The upgrades of an attachment that are not connections yet, or were refused and whose sockets are still open. */
export interface PendingUpgrades {
  /** Refuses all of them. Settles when the sockets of those that are pending now are closed. */
  clear(): Promise<void>;
  /** Destroys the sockets of those that are left. */
  destroy(): void;
}

/** Milliseconds for a socket that is destroyed by a shutdown without any drain. */
const DETACH_AT_ONCE_MS = 20;

/** The part of the drain in which all batches start, so that the last ones have time to answer too. */
const NOTIFYING_SHARE = 0.5;

export class Shutdown {
  readonly #dispatcher: EventDispatcher;
  readonly #managers: readonly WebSocketManager[];
  readonly #connections: readonly WebSocketConnection[];
  readonly #upgradeSources: readonly PendingUpgrades[];
  readonly #options: CheckedShutdownOptions;
  readonly #startedAtMs = performance.now();
  #deadlineAtMs: number;
  /** How many managers have begun to close; those after them wait for their batch. */
  #notified = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #allNotified = new Deferred<void>();
  /** Set while the shutdown waits for pending upgrades. */
  #upgradeTimer: NodeJS.Timeout | undefined;
  readonly #upgradesOver = new Deferred<void>();

  constructor(
    dispatcher: EventDispatcher,
    managers: readonly WebSocketManager[],
    upgradeSources: readonly PendingUpgrades[],
    options: CheckedShutdownOptions,
  ) {
    this.#dispatcher = dispatcher;
    this.#upgradeSources = upgradeSources;
    // The empty ones first: they close at once.
    this.#managers = [...managers].sort(
      (one, other) => Number(isUsed(one)) - Number(isUsed(other)),
    );
    this.#connections = managers.flatMap((manager) => manager[kSockets]());
    this.#options = options;
    this.#deadlineAtMs = this.#startedAtMs + options.drainMs;
  }

  /** Settles within `drainMs`, or sooner when `hasten` asks for it. Never rejects. */
  async run(): Promise<ShutdownReport> {
    const ends = this.#dispatcher.run(() => {
      this.#dispatcher.record('shutdownStarted', {
        managers: this.#managers.length,
        connections: this.#connections.length,
        drainMs: this.#options.drainMs,
      });
      const pending = this.#managers.map((manager) => manager[kEnded]());
      this.#notifyBatch(this.#batchSize());
      return pending;
    });
    const emptied = this.#clearPendingUpgrades();
    await this.#allNotified.promise;
    await Promise.all(ends);
    await emptied;
    // Upgrades that arrived meanwhile.
    await this.#clearPendingUpgrades();
    const report: ShutdownReport = {
      managers: this.#managers.length,
      connections: this.#connections.length,
      terminated: this.#connections.filter((connection) => connection.terminated).length,
      durationMs: performance.now() - this.#startedAtMs,
    };
    this.#dispatcher.record('shutdownFinished', report);
    return report;
  }

  /** A second call with a nearer deadline. A later deadline changes nothing. */
  hasten(drainMs: number): void {
    const deadlineAtMs = performance.now() + drainMs;
    if (deadlineAtMs >= this.#deadlineAtMs) return;
    this.#deadlineAtMs = deadlineAtMs;
    if (this.#upgradeTimer !== undefined) this.#boundPendingUpgrades();
    this.#dispatcher.run(() => {
      // Stryker disable next-line MethodExpression: the others are told in the next step, and telling twice changes nothing
      for (const manager of this.#managers.slice(0, this.#notified)) {
        manager[kBeginClose](this.#order());
      }
      this.#notifyBatch(Number.POSITIVE_INFINITY);
    });
  }

  /** So many at a time that all batches start in their share of the drain. */
  #batchSize(): number {
    const { drainMs, batchSize, batchIntervalMs } = this.#options;
    const batches = Math.max(1, Math.floor((drainMs * NOTIFYING_SHARE) / batchIntervalMs));
    return Math.max(batchSize, Math.ceil(this.#connections.length / batches));
  }

  #notifyBatch(size: number): void {
    clearTimeout(this.#timer);
    this.#dispatcher.run(() => {
      for (let connections = 0; this.#notified < this.#managers.length; ) {
        const manager = this.#managers[this.#notified];
        // Stryker disable next-line OptionalChaining: the check is for the compiler alone; the value is never undefined here
        const sockets = manager?.[kSockets]().length ?? 0;
        // Never none: a manager with more connections than a batch is a batch of its own.
        if (connections > 0 && connections + sockets > size) break;
        // Stryker disable next-line OptionalChaining: the check is for the compiler alone; the value is never undefined here
        manager?.[kBeginClose](this.#order());
        connections += sockets;
        this.#notified += 1;
      }
    });
    if (this.#notified === this.#managers.length) this.#allNotified.resolve();
    else this.#timer = setTimeout(() => this.#notifyBatch(size), this.#options.batchIntervalMs);
  }

  async #clearPendingUpgrades(): Promise<void> {
    if (this.#upgradeSources.length === 0) return;
    this.#boundPendingUpgrades();
    const cleared = Promise.all(
      this.#upgradeSources.map((pendingUpgrades) => pendingUpgrades.clear()),
    );
    await Promise.race([cleared, this.#upgradesOver.promise]);
    clearTimeout(this.#upgradeTimer);
    this.#upgradeTimer = undefined;
  }

  #boundPendingUpgrades(): void {
    clearTimeout(this.#upgradeTimer);
    const { handshakeMs, detachMs } = this.#order();
    const destroyPending = (): void => {
      for (const pendingUpgrades of this.#upgradeSources) pendingUpgrades.destroy();
      // A socket that does not even react to that is abandoned.
      this.#upgradeTimer = setTimeout(() => this.#upgradesOver.resolve(), detachMs);
    };
    // A timer of no time at all is still one of a millisecond.
    if (handshakeMs <= 0) destroyPending();
    else this.#upgradeTimer = setTimeout(destroyPending, handshakeMs);
  }

  #order(): ManagerCloseOrder {
    const leftMs = Math.max(0, this.#deadlineAtMs - performance.now());
    const detachMs = Math.min(detachShareMs(this.#options.drainMs), detachShareMs(leftMs));
    const { retryMaxMs } = this.#options;
    return {
      reason: 'shutdown',
      cause: 'manager',
      code: CLOSE_CODES.goingAway,
      // Each client gets a time of its own, or all would reconnect to the next server at the same moment.
      text: () => `restart; retry after ${randomInt(1, Math.floor(retryMaxMs) + 1)} ms`,
      handshakeMs: leftMs - detachMs,
      // Without any time at all, a socket that is destroyed still needs a turn to say so.
      detachMs: detachMs === 0 ? DETACH_AT_ONCE_MS : detachMs,
    };
  }
}

function isUsed(manager: WebSocketManager): boolean {
  return manager[kSockets]().length > 0;
}
