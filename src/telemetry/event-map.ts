/**
 * All events by name, for any type of manager `M` and of connection `C`. `events.ts` gives users the classes; the
 * parts of the registry below those classes record events with the ports that they know. Only types.
 */
import type { ConnectionPort } from '../internal/connection-port.ts';
import type { ManagerPort } from '../internal/manager-port.ts';
import type {
  CleanupReport,
  CleanupStartedEvent,
  ClientIntroducedEvent,
  ConnectionRefusedEvent,
  HookErrorEvent,
  LimitReachedEvent,
  ManagerEvent,
  MessageQueuedEvent,
  MessagesDroppedEvent,
  MessagesReplayedEvent,
  SecurityViolationEvent,
  ShutdownReport,
  ShutdownStartedEvent,
  SweepReport,
  UpgradeRefusedEvent,
} from './event-payloads.ts';
import type { CloseReason, ConnectionCause, PolicyDisconnectCause } from './reasons.ts';

export interface ManagerCreated<M> extends ManagerEvent {
  readonly manager: M;
}

/** The last connection closed. A manager that never had one does not emit it: it waits for its first. */
export interface ManagerIdle<M> extends ManagerEvent {
  readonly manager: M;
  /** Milliseconds until the manager is removed, unless a client connects. */
  readonly graceMs: number;
}

export interface ManagerClosing<M> extends ManagerEvent {
  readonly manager: M;
  readonly reason: CloseReason;
}

export interface ManagerRemoved<M> extends ManagerEvent {
  readonly manager: M;
  readonly reason: CloseReason;
  /** Milliseconds that the manager lived. */
  readonly ageMs: number;
}

export interface ConnectionOpened<C> extends ManagerEvent {
  readonly connection: C;
  readonly connectionId: string;
  /** Connections of this manager whose socket is not destroyed, after the change that the event reports. */
  readonly connections: number;
}

export interface ConnectionClosed<C> extends ConnectionOpened<C> {
  /** Close code: of the peer, 1006 without a close frame (RFC 6455, 7.1.5). */
  readonly code: number;
  readonly reason: string;
  readonly cause: ConnectionCause;
}

/** The registry disconnects a peer; `connectionClosed` follows when the socket is destroyed. */
export interface ConnectionExpelled<C> extends ConnectionOpened<C> {
  readonly cause: PolicyDisconnectCause;
  /** Code of the close frame. A peer that left a ping unanswered is terminated without one. */
  readonly code: number;
}

export interface ConnectionReplaced<C> extends ConnectionOpened<C> {
  /** Code with which the earlier connection of this id is being closed. */
  readonly code: number;
}

/** Event names and the one argument that each listener gets. */
export interface EventMap<M, C> {
  managerCreated: [event: ManagerCreated<M>];
  managerIdle: [event: ManagerIdle<M>];
  managerClosing: [event: ManagerClosing<M>];
  managerRemoved: [event: ManagerRemoved<M>];
  connectionOpened: [event: ConnectionOpened<C>];
  connectionClosed: [event: ConnectionClosed<C>];
  connectionReplaced: [event: ConnectionReplaced<C>];
  connectionRefused: [event: ConnectionRefusedEvent];
  connectionExpelled: [event: ConnectionExpelled<C>];
  messageQueued: [event: MessageQueuedEvent];
  messagesReplayed: [event: MessagesReplayedEvent];
  messagesDropped: [event: MessagesDroppedEvent];
  sweepFinished: [event: SweepReport];
  cleanupStarted: [event: CleanupStartedEvent];
  cleanupFinished: [event: CleanupReport];
  limitReached: [event: LimitReachedEvent];
  clientIntroduced: [event: ClientIntroducedEvent];
  upgradeRefused: [event: UpgradeRefusedEvent];
  securityViolation: [event: SecurityViolationEvent];
  hookError: [event: HookErrorEvent];
  shutdownStarted: [event: ShutdownStartedEvent];
  shutdownFinished: [event: ShutdownReport];
}

/** The events as the event dispatcher knows them. */
export type DispatchedEvents = EventMap<ManagerPort, ConnectionPort>;
