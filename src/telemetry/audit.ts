/**
 * Structural checks of a registry between two calls. Pure. A finding is a bug of this package; the list is empty in
 * a correct registry.
 */
import type { SlotTable, UserSlots } from '../admission/slot-table.ts';
import { kSnapshot, kSockets } from '../internal/symbols.ts';
import type { WebSocketManager } from '../manager.ts';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';

export interface AuditFinding {
  /** The guarantee that is broken, e.g. `G4`. */
  readonly guarantee: string;
  /** What should be so, as a sentence. */
  readonly check: string;
  /** What is so, in ids and numbers. */
  readonly detail: string;
  readonly userId?: string;
}

export function findFaults(
  slotTable: SlotTable,
  options: ResolvedRegistryOptions,
  userId?: string,
): readonly AuditFinding[] {
  if (userId !== undefined) {
    const userSlots = slotTable.find(userId);
    return userSlots === undefined ? [] : userSlotFaults(userSlots, options);
  }
  const accounts = slotTable.allUserSlots();
  const findings = accounts.flatMap((userSlots) => userSlotFaults(userSlots, options));
  const held = accounts.reduce((sum, userSlots) => sum + userSlots.size, 0);
  if (held !== slotTable.size) {
    findings.push({
      guarantee: 'G4',
      check: 'the size is the sum over the users',
      detail: `size ${slotTable.size}, users hold ${held}`,
    });
  }
  if (slotTable.size > options.maxManagers) {
    findings.push({
      guarantee: 'G4',
      check: 'the total limit is never passed',
      detail: `${slotTable.size} of ${options.maxManagers}`,
    });
  }
  return findings;
}

function userSlotFaults(userSlots: UserSlots, options: ResolvedRegistryOptions): AuditFinding[] {
  const { userId, managers } = userSlots;
  const queue = userSlots.hasPendingAcquires ? userSlots.queue : [];
  const findings: AuditFinding[] = [];
  const fault = (guarantee: string, check: string, detail: string): void => {
    findings.push({ guarantee, check, detail, userId });
  };
  if (managers.length > options.maxManagersPerUser) {
    fault(
      'G4',
      'the limit of a user is never passed',
      `${managers.length} of ${options.maxManagersPerUser}`,
    );
  }
  if (new Set(managers).size !== managers.length) {
    fault('G3', 'a manager has one key', `${managers.length} keys`);
  }
  if (queue.length > 0 && managers.length < options.maxManagersPerUser) {
    fault(
      'G6',
      'no acquire waits while there is room',
      `${queue.length} wait, ${managers.length} held`,
    );
  }
  if (queue.length > 0 && !userSlots.emergencyRunning) {
    fault('G16', 'an acquire that waits for room waits for a cleanup', `${queue.length} wait`);
  }
  for (const manager of managers) managerFaults(userSlots, manager, options, fault);
  for (const manager of userSlots.hasPendingAcquires ? userSlots.evictionSuccessors.keys() : []) {
    if (managers.includes(manager)) continue;
    fault('G16', 'an eviction successor waits for a manager that is there', manager.isolationKey);
  }
  return findings;
}

function managerFaults(
  userSlots: UserSlots,
  manager: WebSocketManager,
  options: ResolvedRegistryOptions,
  fault: (guarantee: string, check: string, detail: string) => void,
): void {
  const { context, state } = manager;
  const { sockets, reservations, scheduled, oldestQueuedAtMs } = manager[kSnapshot]();
  if (userSlots.find(context.threadId) !== manager) {
    fault('G3', 'a manager is found under its own thread', manager.isolationKey);
  }
  if (context.userId !== userSlots.userId) {
    const detail = `${manager.isolationKey} under ${userSlots.userId}`;
    fault('G10', 'a manager is filed under its own user', detail);
  }
  if (state === 'closed') {
    fault('G4', 'a closed manager holds no slot', manager.isolationKey);
  }
  if (state === 'closing' && sockets === 0) {
    fault('G4', 'a closing manager has a socket to wait for', manager.isolationKey);
  }
  const vacant = state === 'open' && sockets === 0 && reservations === 0;
  if (vacant !== scheduled) {
    fault(
      'G7',
      'exactly the empty managers are scheduled for removal',
      `${manager.isolationKey}: ${sockets} sockets, ${reservations} reservations, scheduled ${scheduled}`,
    );
  }
  if (oldestQueuedAtMs !== undefined) queueFaults(manager, oldestQueuedAtMs, options, fault);
  if (manager[kSockets]().some((connection) => connection.socket.listenerCount('error') === 0)) {
    fault('G13', 'every socket has an error listener', manager.isolationKey);
  }
}

/** Milliseconds by which a sweep may be late before that says something. */
const SWEEP_LATENESS_MS = 30_000;

function queueFaults(
  manager: WebSocketManager,
  oldestQueuedAtMs: number,
  options: ResolvedRegistryOptions,
  fault: (guarantee: string, check: string, detail: string) => void,
): void {
  const { queuedMessages, queuedBytes, isolationKey } = manager;
  const { outboxMaxMessages, outboxMaxBytes, outboxMaxAgeMs, sweepIntervalMs } = options;
  const said = `${isolationKey}: ${queuedMessages} messages, ${queuedBytes} bytes`;
  if (queuedMessages > outboxMaxMessages || queuedBytes > outboxMaxBytes) {
    fault('G11', 'an outbox keeps its bounds', said);
  }
  if (manager.state !== 'open') fault('G11', 'only an open manager has an outbox', said);
  if (manager[kSockets]().some(({ state }) => state === 'open')) {
    fault('G11', 'nothing waits for a connection that is there', said);
  }
  const ageMs = performance.now() - oldestQueuedAtMs;
  if (ageMs > outboxMaxAgeMs + sweepIntervalMs + SWEEP_LATENESS_MS) {
    fault('G8', 'the background sweep clears away what is too old', `${said}, ${ageMs} ms old`);
  }
}
