/** Numbers about a registry. Pure: reading changes nothing, and every counter is the journal's (G14). */
import type {
  CleanupKind,
  CloseReason,
  ConnectionCause,
  DropReason,
  ExpulsionCause,
} from './events.ts';
import { kSocketCount } from './internals.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';

export interface RegistryStats {
  /** Users who hold at least one manager. */
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
  readonly connectionsExpelledBy: Readonly<Record<ExpulsionCause, number>>;
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

const EXPULSION_CAUSES: readonly ExpulsionCause[] = [
  'heartbeat',
  'age',
  'silence',
  'slow-reader',
  'message-size',
  'frame-rate',
];

const CONNECTION_CAUSES: readonly ConnectionCause[] = [
  ...EXPULSION_CAUSES,
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

export function readStats(ledger: Ledger, { tally }: Journal): RegistryStats {
  const messagesDroppedBy = countEach(DROP_REASONS, (reason) =>
    tally.of('messagesDropped', reason),
  );
  return {
    ...readGauges(ledger),
    managersCreated: tally.of('managerCreated'),
    managersRemoved: tally.of('managerRemoved'),
    managersRemovedBy: countEach(CLOSE_REASONS, (reason) => tally.of('managerRemoved', reason)),
    connectionsOpened: tally.of('connectionOpened'),
    connectionsClosed: tally.of('connectionClosed'),
    connectionsClosedBy: countEach(CONNECTION_CAUSES, (cause) =>
      tally.of('connectionClosed', cause),
    ),
    connectionsReplaced: tally.of('connectionReplaced'),
    connectionsRefused: tally.of('connectionRefused'),
    connectionsExpelled: tally.of('connectionExpelled'),
    connectionsExpelledBy: countEach(EXPULSION_CAUSES, (cause) =>
      tally.of('connectionExpelled', cause),
    ),
    messagesQueued: tally.of('messageQueued'),
    messagesReplayed: tally.of('messagesReplayed', 'messages'),
    messagesDropped: DROP_REASONS.reduce((sum, reason) => sum + messagesDroppedBy[reason], 0),
    messagesDroppedBy,
    cleanupsStarted: countEach(CLEANUP_KINDS, (kind) => tally.of('cleanupStarted', kind)),
    cleanupsFinished: countEach(CLEANUP_KINDS, (kind) => tally.of('cleanupFinished', kind)),
    sweeps: tally.of('sweepFinished'),
    limitsReached: tally.of('limitReached'),
    upgradesRefused: tally.of('upgradeRefused'),
    securityViolations: tally.of('securityViolation'),
    hookErrors: tally.of('hookError'),
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

function readGauges(ledger: Ledger): Gauges {
  let users = 0;
  let managersClosing = 0;
  let managersIdle = 0;
  let connections = 0;
  let waiting = 0;
  let queuedMessages = 0;
  let queuedBytes = 0;
  for (const account of ledger.accounts()) {
    if (account.size > 0) users += 1;
    if (account.hasFlights)
      for (const flight of account.flights.values()) waiting += flight.claims.length;
    for (const manager of account.managers) {
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
    managers: ledger.size,
    managersClosing,
    managersIdle,
    connections,
    waiting,
    queuedMessages,
    queuedBytes,
  };
}
