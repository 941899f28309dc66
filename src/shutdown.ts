/**
 * The end of a registry: everybody is told, and whoever does not leave in time is put out (G12). Owns
 * the deadline; that nobody comes in any more is the admission's business.
 */
import type { ShutdownReport } from './events.ts';
import {
  CLOSE_CODES,
  detachShareMs,
  kBeginClose,
  kEnded,
  kSockets,
  type ManagerCloseOrder,
} from './internals.ts';
import type { Journal } from './journal.ts';
import type { WebSocketManager } from './manager.ts';

/** Milliseconds for a socket that is destroyed by a shutdown without any drain. */
const DETACH_AT_ONCE_MS = 20;

export class Shutdown {
  readonly #journal: Journal;
  readonly #managers: readonly WebSocketManager[];
  readonly #startedAtMs = performance.now();

  constructor(journal: Journal, managers: readonly WebSocketManager[]) {
    this.#journal = journal;
    this.#managers = managers;
  }

  /** Settles within `drainMs`, or sooner when `hasten` asks for it. Never rejects. */
  async run(drainMs: number): Promise<ShutdownReport> {
    const connections = this.#managers.flatMap((manager) => manager[kSockets]());
    const ends = this.#journal.run(() => {
      this.#journal.record('shutdownStarted', {
        managers: this.#managers.length,
        connections: connections.length,
        drainMs,
      });
      return this.#managers.map((manager) => {
        const end = manager[kEnded]();
        manager[kBeginClose](drainOrder(drainMs));
        return end;
      });
    });
    await Promise.all(ends);
    const report: ShutdownReport = {
      managers: this.#managers.length,
      connections: connections.length,
      terminated: connections.filter((connection) => connection.terminated).length,
      durationMs: performance.now() - this.#startedAtMs,
    };
    this.#journal.record('shutdownFinished', report);
    return report;
  }

  /** A second, more impatient call. It never puts the deadline off. */
  hasten(drainMs: number): void {
    this.#journal.run(() => {
      for (const manager of this.#managers) manager[kBeginClose](drainOrder(drainMs));
    });
  }
}

function drainOrder(drainMs: number): ManagerCloseOrder {
  const detachMs = detachShareMs(drainMs);
  return {
    reason: 'shutdown',
    code: CLOSE_CODES.goingAway,
    text: 'shutting down',
    handshakeMs: drainMs - detachMs,
    // Without any time at all, a socket that is destroyed still needs a turn to say so.
    detachMs: detachMs === 0 ? DETACH_AT_ONCE_MS : detachMs,
  };
}
