/**
 * The end of a registry: everybody is told, a batch at a time, and whoever does not leave in time is put
 * out (G12). Owns the batches and the deadline; that nobody comes in any more is the admission's business.
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

/** Where those are who have not come in yet, or were refused and have not left. */
export interface PendingUpgrades {
  /** Refuses all of them. Settles when those who are there now have gone. */
  clear(): Promise<void>;
  /** Destroys the sockets of those who are still there. */
  destroy(): void;
}

/** Milliseconds for a socket that is destroyed by a shutdown without any drain. */
const DETACH_AT_ONCE_MS = 20;

/** The part of the drain in which all are told, so that the last ones have time to answer too. */
const NOTIFYING_SHARE = 0.5;

export class Shutdown {
  readonly #dispatcher: EventDispatcher;
  readonly #managers: readonly WebSocketManager[];
  readonly #connections: readonly WebSocketConnection[];
  readonly #upgradeSources: readonly PendingUpgrades[];
  readonly #options: CheckedShutdownOptions;
  readonly #startedAtMs = performance.now();
  #deadlineAtMs: number;
  /** Managers from here on have not been told yet. */
  #notified = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #allNotified = new Deferred<void>();
  /** Is there while somebody in an anteroom is waited for. */
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
    // The empty ones first: they are gone at once.
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
    // And those who came meanwhile.
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

  /** A second, more impatient call. It never puts the deadline off. */
  hasten(drainMs: number): void {
    const deadlineAtMs = performance.now() + drainMs;
    if (deadlineAtMs >= this.#deadlineAtMs) return;
    this.#deadlineAtMs = deadlineAtMs;
    if (this.#upgradeTimer !== undefined) this.#boundPendingUpgrades();
    this.#dispatcher.run(() => {
      for (const manager of this.#managers.slice(0, this.#notified)) {
        manager[kBeginClose](this.#order());
      }
      this.#notifyBatch(Number.POSITIVE_INFINITY);
    });
  }

  /** So many at a time that all are told in their share of the drain. */
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
        const sockets = manager?.[kSockets]().length ?? 0;
        // Never none: a manager with more connections than a batch is a batch of its own.
        if (connections > 0 && connections + sockets > size) break;
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
      // A socket that does not even react to that is left to itself.
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
      // Each gets a time of its own, or all would knock at the next server in the same moment.
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
