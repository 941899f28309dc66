/** Numbers about a registry. Pure: reading changes nothing, and every counter is the event dispatcher's (G14). */

import type { SlotTable } from '../admission/slot-table.ts';
import { kSocketCount } from '../internal/symbols.ts';
import type { EventDispatcher } from './event-dispatcher.ts';
import type {
  CleanupKind,
  CloseReason,
  ConnectionCause,
  DropReason,
  PolicyDisconnectCause,
} from './reasons.ts';

export interface RegistryStats {
  /** Users that hold at least one manager. */
  readonly users: number;
  /** Managers that hold a slot, those that are closing included. */
  readonly managers: number;
  readonly managersClosing: number;
  /** Managers without a connection. */
  readonly managersIdle: number;
  /** Connections whose socket is not destroyed. */
  readonly connections: number;
  /** Acquires that wait for room or for the end of a closing manager. */
  readonly waiting: number;
  /** Messages that wait for a connection of their thread. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly managersCreated: number;
  readonly managersRemoved: number;
  readonly managersRemovedBy: Readonly<Record<CloseReason, number>>;
  readonly connectionsOpened: number;
  readonly connectionsClosed: number;
  readonly connectionsClosedBy: Readonly<Record<ConnectionCause, number>>;
  readonly connectionsReplaced: number;
  readonly connectionsRefused: number;
  readonly connectionsExpelled: number;
  readonly connectionsExpelledBy: Readonly<Record<PolicyDisconnectCause, number>>;
  /**
   * Messages, not events: each that was queued was replayed, or dropped for a reason that names the outbox
   * or `manager-removed`, or is queued still.
   */
  readonly messagesQueued: number;
  readonly messagesReplayed: number;
  readonly messagesDropped: number;
  readonly messagesDroppedBy: Readonly<Record<DropReason, number>>;
  readonly cleanupsStarted: Readonly<Record<CleanupKind, number>>;
  readonly cleanupsFinished: Readonly<Record<CleanupKind, number>>;
  readonly sweeps: number;
  readonly limitsReached: number;
  readonly upgradesRefused: number;
  readonly securityViolations: number;
  readonly hookErrors: number;
}

const CLEANUP_KINDS: readonly CleanupKind[] = ['proactive', 'emergency', 'requested'];

const CLOSE_REASONS: readonly CloseReason[] = [
  'idle',
  'released',
  ...CLEANUP_KINDS,
  'replaced',
  'closed',
  'shutdown',
];

const POLICY_DISCONNECT_CAUSES: readonly PolicyDisconnectCause[] = [
  'heartbeat',
  'age',
  'silence',
  'slow-reader',
  'message-size',
  'frame-rate',
];

const CONNECTION_CAUSES: readonly ConnectionCause[] = [
  ...POLICY_DISCONNECT_CAUSES,
  'peer',
  'failed',
  'released',
  'replaced',
  'manager',
  'lost',
];

const DROP_REASONS: readonly DropReason[] = [
  'outbox-full',
  'outbox-expired',
  'manager-removed',
  'manager-closed',
  'slow-reader',
];

export function readStats(slotTable: SlotTable, { counters }: EventDispatcher): RegistryStats {
  const messagesDroppedBy = countEach(DROP_REASONS, (reason) =>
    counters.of('messagesDropped', reason),
  );
  return {
    ...readGauges(slotTable),
    managersCreated: counters.of('managerCreated'),
    managersRemoved: counters.of('managerRemoved'),
    managersRemovedBy: countEach(CLOSE_REASONS, (reason) => counters.of('managerRemoved', reason)),
    connectionsOpened: counters.of('connectionOpened'),
    connectionsClosed: counters.of('connectionClosed'),
    connectionsClosedBy: countEach(CONNECTION_CAUSES, (cause) =>
      counters.of('connectionClosed', cause),
    ),
    connectionsReplaced: counters.of('connectionReplaced'),
    connectionsRefused: counters.of('connectionRefused'),
    connectionsExpelled: counters.of('connectionExpelled'),
    connectionsExpelledBy: countEach(POLICY_DISCONNECT_CAUSES, (cause) =>
      counters.of('connectionExpelled', cause),
    ),
    messagesQueued: counters.of('messageQueued'),
    messagesReplayed: counters.of('messagesReplayed', 'messages'),
    messagesDropped: DROP_REASONS.reduce((sum, reason) => sum + messagesDroppedBy[reason], 0),
    messagesDroppedBy,
    cleanupsStarted: countEach(CLEANUP_KINDS, (kind) => counters.of('cleanupStarted', kind)),
    cleanupsFinished: countEach(CLEANUP_KINDS, (kind) => counters.of('cleanupFinished', kind)),
    sweeps: counters.of('sweepFinished'),
    limitsReached: counters.of('limitReached'),
    upgradesRefused: counters.of('upgradeRefused'),
    securityViolations: counters.of('securityViolation'),
    hookErrors: counters.of('hookError'),
  };
}

function countEach<K extends string>(
  keys: readonly K[],
  count: (key: K) => number,
): Readonly<Record<K, number>> {
  return Object.fromEntries(keys.map((key) => [key, count(key)])) as Record<K, number>;
}

type Gauges = Pick<
  RegistryStats,
  | 'users'
  | 'managers'
  | 'managersClosing'
  | 'managersIdle'
  | 'connections'
  | 'waiting'
  | 'queuedMessages'
  | 'queuedBytes'
>;

function readGauges(slotTable: SlotTable): Gauges {
  let users = 0;
  let managersClosing = 0;
  let managersIdle = 0;
  let connections = 0;
  let waiting = 0;
  let queuedMessages = 0;
  let queuedBytes = 0;
  for (const userSlots of slotTable.allUserSlots()) {
    if (userSlots.size > 0) users += 1;
    if (userSlots.hasPendingAcquires)
      for (const pending of userSlots.pendingAcquires.values()) waiting += pending.waiters.length;
    for (const manager of userSlots.managers) {
      const sockets = manager[kSocketCount];
      connections += sockets;
      queuedMessages += manager.queuedMessages;
      queuedBytes += manager.queuedBytes;
      if (manager.state === 'closing') managersClosing += 1;
      else if (sockets === 0) managersIdle += 1;
    }
  }
  return {
    users,
    managers: slotTable.size,
    managersClosing,
    managersIdle,
    connections,
    waiting,
    queuedMessages,
    queuedBytes,
  };
}
