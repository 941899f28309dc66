/** The payloads of all events that carry ids and numbers, but no manager and no connection. Only types. */
import type { IncomingMessage } from 'node:http';
import type { IsolationKey } from '../identity/isolation-key.ts';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import type { CleanupKind, CleanupOutcome, DropReason } from './reasons.ts';

/** Which manager an event is about, and how many its user then holds. */
export interface ManagerEvent {
  readonly userId: string;
  readonly threadId: string;
  readonly isolationKey: IsolationKey;
  /** Managers of this user that hold a slot, after the change that the event reports. */
  readonly count: number;
  /** `maxManagersPerUser`. */
  readonly limit: number;
}

/** A message waits in the outbox, since its thread has no open connection. */
export interface MessageQueuedEvent extends ManagerEvent {
  /** Bytes of this message. */
  readonly bytes: number;
  /** Messages in the outbox, this one included. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
}

/** A connection was sent the outbox, in the order in which its messages were sent. */
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

/** What a background sweep found. Every sweep emits one, also when there was nothing to do. */
export interface SweepReport {
  /** Managers past their grace whose timer had not fired. */
  readonly managers: number;
  /** Messages that outlived `outboxMaxAgeMs`. */
  readonly messages: number;
  /** Users without managers whose cooldowns are over. */
  readonly accounts: number;
  readonly durationMs: number;
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
  /** Managers whose peers were pinged. */
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
  /** The user whose context was used on the manager that the other fields name. */
  readonly offenderUserId: string;
  readonly offenderThreadId: string;
}

/**
 * Something outside the registry failed: a listener, the logger, a function given to `attach`, a socket
 * that did not close. The registry carries on in every case.
 */
export interface HookErrorEvent {
  /** E.g. `listener:managerCreated`, `logger`, `authenticate`, `onConnection`, `socket`. */
  readonly hook: string;
  readonly error: unknown;
  readonly userId?: string;
}

/** An upgrade became a connection: the ids that its 101 response gave to the client. */
export interface ClientIntroducedEvent extends ManagerEvent {
  readonly context: UserExecutionContext;
  readonly websocketClientId: string;
  readonly connectionId: string;
}

/** `attach` answered an upgrade with a refusal, or abandoned it because its socket had died. */
export interface UpgradeRefusedEvent {
  /** HTTP status; 1013 when it was accepted and closed at once; 0 when the socket had died. */
  readonly status: number;
  readonly reason: string;
  /** Undefined until authentication has given it. */
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
