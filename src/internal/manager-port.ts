/**
 * A manager as the parts below it see it: what they read of it, and the calls by which they reach into it.
 * `WebSocketManager` implements it. Only types.
 */
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import type { ManagerCloseOrder } from '../socket/close-order.ts';
import type { ManagerEvent } from '../telemetry/event-payloads.ts';
import type { ConnectionPort } from './connection-port.ts';
import type { kBeginClose, kSocketCount, kSockets, kSubject, kWatch } from './symbols.ts';

export type ManagerState = 'open' | 'closing' | 'closed';

/** A manager as the subject of an event. */
export interface Subject {
  readonly context: UserExecutionContext;
  [kSubject](): ManagerEvent;
}

export interface ManagerPort extends Subject {
  readonly state: ManagerState;
  readonly createdAtMs: number;
  /** Connections whose socket is not destroyed. */
  readonly [kSocketCount]: number;
  [kSockets](): readonly ConnectionPort[];
  /** Calls `watcher` whenever a peer is heard or a connection opens or closes; returns what stops it. */
  [kWatch](watcher: () => void): () => void;
  [kBeginClose](order: ManagerCloseOrder): void;
}

/** The part of a snapshot that is about the time without a connection. */
export interface IdleSnapshot {
  /** Upgrades that are about to connect. */
  readonly reservations: number;
  /** Whether a client may be about to connect, so that a cleanup must leave the manager alone. */
  readonly awaited: boolean;
  /** Whether the grace of an empty manager is over. */
  readonly graceOver: boolean;
  /** Whether a removal is scheduled. */
  readonly scheduled: boolean;
}

/** A snapshot of a manager, by which cleanups and audits decide. */
export interface ManagerSnapshot extends IdleSnapshot {
  /** Connections whose socket is not destroyed, those that are closing included. */
  readonly sockets: number;
  /** When the oldest message of the outbox was stored; undefined when it is empty. */
  readonly oldestQueuedAtMs: number | undefined;
}
