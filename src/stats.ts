/** Numbers about a registry. Pure: reading changes nothing, and every counter is the journal's (G14). */
import type { CleanupKind, CloseReason, RegistryEvents } from './events.ts';
import { kSockets } from './internals.ts';
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
  readonly managersCreated: number;
  readonly managersRemoved: number;
  readonly managersRemovedBy: Readonly<Record<CloseReason, number>>;
  readonly connectionsOpened: number;
  readonly connectionsClosed: number;
  readonly connectionsReplaced: number;
  readonly connectionsRefused: number;
  readonly cleanupsStarted: Readonly<Record<CleanupKind, number>>;
  readonly cleanupsFinished: Readonly<Record<CleanupKind, number>>;
  readonly limitsReached: number;
  readonly upgradesRefused: number;
  readonly securityViolations: number;
  readonly hookErrors: number;
}

export function readStats(ledger: Ledger, journal: Journal): RegistryStats {
  const { events, removedBy, cleanupsStarted, cleanupsFinished } = journal.counts;
  const counted = (name: keyof RegistryEvents): number => events.get(name) ?? 0;
  return {
    ...readGauges(ledger),
    managersCreated: counted('managerCreated'),
    managersRemoved: counted('managerRemoved'),
    managersRemovedBy: {
      idle: removedBy.get('idle') ?? 0,
      released: removedBy.get('released') ?? 0,
      proactive: removedBy.get('proactive') ?? 0,
      emergency: removedBy.get('emergency') ?? 0,
      requested: removedBy.get('requested') ?? 0,
      replaced: removedBy.get('replaced') ?? 0,
      closed: removedBy.get('closed') ?? 0,
      shutdown: removedBy.get('shutdown') ?? 0,
    },
    connectionsOpened: counted('connectionOpened'),
    connectionsClosed: counted('connectionClosed'),
    connectionsReplaced: counted('connectionReplaced'),
    connectionsRefused: counted('connectionRefused'),
    cleanupsStarted: byKind(cleanupsStarted),
    cleanupsFinished: byKind(cleanupsFinished),
    limitsReached: counted('limitReached'),
    upgradesRefused: counted('upgradeRefused'),
    securityViolations: counted('securityViolation'),
    hookErrors: counted('hookError'),
  };
}

type Gauges = Pick<
  RegistryStats,
  'users' | 'managers' | 'managersClosing' | 'managersIdle' | 'connections' | 'waiting'
>;

function readGauges(ledger: Ledger): Gauges {
  let users = 0;
  let managersClosing = 0;
  let managersIdle = 0;
  let connections = 0;
  let waiting = 0;
  for (const account of ledger.accounts()) {
    if (account.managers.size > 0) users += 1;
    for (const flight of account.flights.values()) waiting += flight.claims.length;
    for (const manager of account.managers.values()) {
      const sockets = manager[kSockets]().length;
      connections += sockets;
      if (manager.state === 'closing') managersClosing += 1;
      else if (sockets === 0) managersIdle += 1;
    }
  }
  return { users, managers: ledger.size, managersClosing, managersIdle, connections, waiting };
}

function byKind(counts: ReadonlyMap<CleanupKind, number>): Record<CleanupKind, number> {
  return {
    proactive: counts.get('proactive') ?? 0,
    emergency: counts.get('emergency') ?? 0,
    requested: counts.get('requested') ?? 0,
  };
}
