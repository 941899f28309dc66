/**
 * When the managers of a user are cleaned up: a proactive, requested or emergency cleanup at a time, and the cooldowns
 * between them (G5, G6). Owns the start and the end of each; what a cleanup removes is in `cleanup.ts`.
 */
import { Deferred } from '../internal/deferred.ts';
import type { ManagerHost } from '../internal/manager-host.ts';
import type { WebSocketManager } from '../manager.ts';
import type { CleanupReport } from '../telemetry/event-payloads.ts';
import { type CleanupTools, cleanUp, cleanUpInEmergency } from './cleanup.ts';
import { isWanted } from './pending-acquires.ts';
import type { SlotTable, UserSlots } from './slot-table.ts';

export class CleanupScheduler {
  readonly #host: ManagerHost<WebSocketManager>;
  readonly #slotTable: SlotTable;
  readonly #tools: CleanupTools;

  constructor(host: ManagerHost<WebSocketManager>, slotTable: SlotTable, isClosing: () => boolean) {
    this.#host = host;
    this.#slotTable = slotTable;
    this.#tools = { options: host.options, dispatcher: host.dispatcher, isClosing };
  }

  /** Called before a manager is inserted; the cleanup runs beside the acquire, which does not wait for it (G5). */
  startProactive(userSlots: UserSlots): void {
    const { maxManagersPerUser, proactiveThreshold } = this.#host.options;
    if (userSlots.size < Math.ceil(proactiveThreshold * maxManagersPerUser)) return;
    if (userSlots.cleanupRunning !== undefined || userSlots.emergencyRunning) return;
    if (isBefore(userSlots.proactiveCooldownUntilMs)) return;
    void this.start(userSlots, 'proactive');
  }

  /** Starts a cleanup. One that runs already must be joined instead. */
  start(userSlots: UserSlots, kind: 'proactive' | 'requested'): Promise<CleanupReport> {
    // In one step: a listener to its start that asks for a cleanup finds this one running.
    return this.#host.dispatcher.run(() => {
      const running = new Deferred<CleanupReport>();
      // Before its first step, which may remove the last manager: the user slots must outlive that, since an acquire
      // may be about to insert a manager.
      userSlots.cleanupRunning = running.promise;
      void cleanUp(this.#tools, userSlots, kind).then((report) => {
        userSlots.cleanupRunning = undefined;
        this.#startCooldown(userSlots);
        this.#slotTable.settle(userSlots);
        running.resolve(report);
      });
      return running.promise;
    });
  }

  /** `serveQueue` is called in the step in which the cleanup ends, before the user slots may be dropped. */
  startEmergency(userSlots: UserSlots, serveQueue: (report: CleanupReport) => void): void {
    userSlots.emergencyRunning = true;
    const waiting = (): number => userSlots.queue.filter(isWanted).length;
    void cleanUpInEmergency(this.#tools, userSlots, waiting).then((report) => {
      this.#host.dispatcher.run(() => {
        userSlots.emergencyRunning = false;
        userSlots.emergencyCooldownUntilMs =
          performance.now() + this.#host.options.emergencyCooldownMs;
        this.#startCooldown(userSlots);
        serveQueue(report);
        this.#slotTable.settle(userSlots);
      });
    });
  }

  #startCooldown(userSlots: UserSlots): void {
    userSlots.proactiveCooldownUntilMs = performance.now() + this.#host.options.proactiveCooldownMs;
  }
}

/** Whether a cooldown that ends at this moment is still running. */
export function isBefore(atMs: number | undefined): boolean {
  return atMs !== undefined && performance.now() < atMs;
}
