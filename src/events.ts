/**
 * What the registry tells: the events, their payloads and the unions they use. Only types: how an
 * event is delivered is the journal's business.
 */
import type { IncomingMessage } from 'node:http';
import type { WebSocketConnection } from './connection.ts';
import type { IsolationKey } from './identity/isolation-key.ts';
import type { UserExecutionContext } from './identity/user-execution-context.ts';
import type { WebSocketManager } from './manager.ts';

/**
 * Why a manager goes:
 * - `idle`: no connection for the whole grace;
 * - `released`: by its handle, or by the door for an upgrade that died;
 * - `proactive`, `emergency`, `requested`: by a cleanup of that kind;
 * - `replaced`: evicted for a new one (`onLimit: 'replace-least-recent'`);
 * - `closed`: `manager.close()`;
 * - `shutdown`: the registry goes.
 */
export type CloseReason = 'idle' | 'released' | CleanupKind | 'replaced' | 'closed' | 'shutdown';

export type CleanupKind = 'proactive' | 'emergency' | 'requested';

/**
 * Why the registry puts a connection out of its own accord:
 * - `heartbeat`: the peer left a ping unanswered for `heartbeatTimeoutMs`;
 * - `age`: it reached `maxConnectionAgeMs`;
 * - `silence`: no message from the peer for `maxSilenceMs`, whatever its pongs say;
 * - `slow-reader`: more than `maxBufferedBytes` waited for a peer that does not read;
 * - `message-size`: a message of more than `maxPayloadBytes`;
 * - `frame-rate`: more frames than `maxFramesPerSecond` and `maxFrameBurst` allow.
 */
export type PolicyDisconnectCause =
  | 'heartbeat'
  | 'age'
  | 'silence'
  | 'slow-reader'
  | 'message-size'
  | 'frame-rate';

/**
 * Why a connection closed: an expulsion, or
 * - `peer`: the peer closed it or went away;
 * - `failed`: its socket failed, or the peer sent something malformed;
 * - `released`: `connection.release()`;
 * - `replaced`: another connection took its id;
 * - `manager`: its manager closed, for the reason that `managerClosing` told;
 * - `lost`: its socket had closed without telling us, and a round found it.
 */
export type ConnectionCause =
  | PolicyDisconnectCause
  | 'peer'
  | 'failed'
  | 'released'
  | 'replaced'
  | 'manager'
  | 'lost';

/**
 * Why messages were given up:
 * - `outbox-full`: newer ones took their place (`outboxMaxMessages`, `outboxMaxBytes`);
 * - `outbox-expired`: nobody came for `outboxMaxAgeMs`;
 * - `manager-removed`: their manager went before anybody came;
 * - `manager-closed`: they were sent when it was going already;
 * - `slow-reader`: one connection did not get them (`slowReaderPolicy: 'drop'`).
 */
export type DropReason =
  | 'outbox-full'
  | 'outbox-expired'
  | 'manager-removed'
  | 'manager-closed'
  | 'slow-reader';

/**
 * How a cleanup ended:
 * - `done`: a proactive or requested one looked at everything;
 * - `room`: an emergency one after which nobody was waiting any more;
 * - `full`: an emergency one after which somebody had to be refused or evicted;
 * - `interrupted`: the registry was shut down meanwhile;
 * - `failed`: it threw, which was reported as a `hookError`.
 */
export type CleanupOutcome = 'done' | 'room' | 'full' | 'interrupted' | 'failed';

/** Which manager an event is about, and how many its user then holds. */
export interface ManagerEvent {
  readonly userId: string;
  readonly threadId: string;
  readonly isolationKey: IsolationKey;
  /** Managers of this user that hold a slot, after what the event tells. */
  readonly count: number;
  /** `maxManagersPerUser`. */
  readonly limit: number;
}

export interface ManagerCreatedEvent extends ManagerEvent {
  readonly manager: WebSocketManager;
}

/** The last connection is gone. Not told of a manager that never had one: it waits for its first. */
export interface ManagerIdleEvent extends ManagerEvent {
  readonly manager: WebSocketManager;
  /** Milliseconds until the manager is removed, unless somebody connects. */
  readonly graceMs: number;
}

export interface ManagerClosingEvent extends ManagerEvent {
  readonly manager: WebSocketManager;
  readonly reason: CloseReason;
}

export interface ManagerRemovedEvent extends ManagerEvent {
  readonly manager: WebSocketManager;
  readonly reason: CloseReason;
  /** Milliseconds that the manager lived. */
  readonly ageMs: number;
}

export interface ConnectionEvent extends ManagerEvent {
  readonly connection: WebSocketConnection;
  readonly connectionId: string;
  /** Connections of this manager whose socket is not destroyed, after what the event tells. */
  readonly connections: number;
}

export interface ConnectionClosedEvent extends ConnectionEvent {
  /** Close code: of the peer, 1006 without a close frame (RFC 6455, 7.1.5). */
  readonly code: number;
  readonly reason: string;
  readonly cause: ConnectionCause;
}

/** The registry puts a connection out; `connectionClosed` follows when its socket is destroyed. */
export interface ConnectionExpelledEvent extends ConnectionEvent {
  readonly cause: PolicyDisconnectCause;
  /** Code of the close frame. A peer that left a ping unanswered is terminated without one. */
  readonly code: number;
}

/** A message waits in the outbox, since its thread has no open connection. */
export interface MessageQueuedEvent extends ManagerEvent {
  /** Of this message. */
  readonly bytes: number;
  /** In the outbox, with this message. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
}

/** The outbox was handed to a connection, in the order in which its messages were sent. */
export interface MessagesReplayedEvent extends ManagerEvent {
  readonly connectionId: string;
  readonly messages: number;
  readonly bytes: number;
}

export interface MessagesDroppedEvent extends ManagerEvent {
  readonly reason: DropReason;
  readonly messages: number;
  readonly bytes: number;
  /** With `slow-reader`: the connection that did not get them. */
  readonly connectionId?: string;
}

/** What a background sweep found. It is told of each, also when there was nothing to do. */
export interface SweepReport {
  /** Managers past their grace whose timer had not come. */
  readonly managers: number;
  /** Messages that outlived `outboxMaxAgeMs`. */
  readonly messages: number;
  /** Users without managers whose cooldowns are over. */
  readonly accounts: number;
  readonly durationMs: number;
}

export interface ConnectionReplacedEvent extends ConnectionEvent {
  /** Code with which the earlier connection of this id is being closed. */
  readonly code: number;
}

export interface ConnectionRefusedEvent extends ManagerEvent {
  readonly connectionId: string;
  readonly reason: 'connection-limit' | 'duplicate';
}

export interface CleanupStartedEvent {
  readonly kind: CleanupKind;
  readonly userId: string;
  readonly count: number;
  readonly limit: number;
}

export interface CleanupReport {
  readonly kind: CleanupKind;
  readonly userId: string;
  /** Managers of the user when it started. */
  readonly startedCount: number;
  /** Managers of the user when it ended. */
  readonly count: number;
  readonly limit: number;
  /** Managers whose peers were asked for a sign of life. */
  readonly probed: number;
  /** Managers that this cleanup removed. */
  readonly removed: number;
  readonly durationMs: number;
  readonly outcome: CleanupOutcome;
}

/** Exactly one for each acquire that fails for want of room. */
export interface LimitReachedEvent {
  readonly scope: 'user' | 'total';
  readonly userId: string;
  readonly threadId: string;
  readonly isolationKey: IsolationKey;
  readonly count: number;
  readonly limit: number;
  readonly removed: number;
  readonly retryAfterMs: number;
}

export interface SecurityViolationEvent extends ManagerEvent {
  readonly kind: 'foreign-context';
  readonly operation: 'connect' | 'send' | 'release';
  /** Who reached for the manager that the other fields name. */
  readonly offenderUserId: string;
  readonly offenderThreadId: string;
}

/**
 * Something that is not ours failed: a listener, the logger, a function given to `attach`, a socket
 * that did not close. Whatever it was, the registry went on.
 */
export interface HookErrorEvent {
  /** E.g. `listener:managerCreated`, `logger`, `authenticate`, `onConnection`, `socket`. */
  readonly hook: string;
  readonly error: unknown;
  readonly userId?: string;
}

/** An upgrade became a connection: which ids the client was told. */
export interface ClientIntroducedEvent extends ManagerEvent {
  readonly context: UserExecutionContext;
  readonly websocketClientId: string;
  readonly connectionId: string;
}

/** The door answered an upgrade with a refusal, or gave it up because its socket had died. */
export interface UpgradeRefusedEvent {
  /** HTTP status; 1013 when it was accepted and closed at once; 0 when the socket had died. */
  readonly status: number;
  readonly reason: string;
  /** Undefined until authentication has said who it is. */
  readonly userId: string | undefined;
  readonly request: IncomingMessage;
}

export interface ShutdownStartedEvent {
  readonly managers: number;
  readonly connections: number;
  readonly drainMs: number;
}

export interface ShutdownReport {
  /** Managers that the shutdown found. */
  readonly managers: number;
  /** Connections that it found. */
  readonly connections: number;
  /** Connections that did not close in time and were terminated. */
  readonly terminated: number;
  readonly durationMs: number;
}

/** Event names and the one argument each listener gets. */
export interface RegistryEvents {
  managerCreated: [event: ManagerCreatedEvent];
  managerIdle: [event: ManagerIdleEvent];
  managerClosing: [event: ManagerClosingEvent];
  managerRemoved: [event: ManagerRemovedEvent];
  connectionOpened: [event: ConnectionEvent];
  connectionClosed: [event: ConnectionClosedEvent];
  connectionReplaced: [event: ConnectionReplacedEvent];
  connectionRefused: [event: ConnectionRefusedEvent];
  connectionExpelled: [event: ConnectionExpelledEvent];
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
