/** The records of what a registry emits: one for each manager, one for each event. */
import type {
  CleanupReport,
  CleanupStartedEvent,
  CloseReason,
  ConnectionClosedEvent,
  ConnectionEvent,
  ConnectionExpelledEvent,
  LimitReachedEvent,
  ManagerCreatedEvent,
  ManagerEvent,
  ManagerRemovedEvent,
  WebSocketConnection,
  WebSocketManager,
} from '../../../../src/index.ts';
import type { Line } from './ground-truth.ts';

/** One manager that the registry made. */
export interface ManagerRecord {
  readonly manager: WebSocketManager;
  readonly userId: string;
  readonly threadId: string;
  readonly isolationKey: string;
  readonly createdAtMs: number;
  /** Managers of the user just before it was made, as the registry counted them. */
  readonly countBefore: number;
  /** Whether no cleanup of the user ran then, and none had just run. */
  readonly cleanupWasDue: boolean;
  readonly lines: Set<Line>;
  /** When a client last connected or disconnected, or fell silent before it disconnected. */
  lastLivelyMs: number;
  /** When it was made, or a connection of it last opened or closed. */
  changedAtMs: number;
  /** When the server's own work last acquired it. */
  givenAtMs: number;
  /** The reason for its closing, once it closes. */
  closesFor: CloseReason | undefined;
  removed: ManagerRemovedEvent | undefined;
}

/** The record of a manager that was just made. */
export function recordOfNew(
  { manager, userId, threadId, isolationKey, count }: ManagerCreatedEvent,
  nowMs: number,
  cleanupWasDue: boolean,
): ManagerRecord {
  return {
    manager,
    userId,
    threadId,
    isolationKey,
    createdAtMs: nowMs,
    countBefore: count - 1,
    cleanupWasDue,
    lines: new Set(),
    lastLivelyMs: Number.NEGATIVE_INFINITY,
    changedAtMs: nowMs,
    givenAtMs: Number.NEGATIVE_INFINITY,
    closesFor: undefined,
    removed: undefined,
  };
}

/** An event about a manager that may name it, or a connection of it. */
export type AboutManager = ManagerEvent & {
  readonly manager?: WebSocketManager;
  readonly connection?: WebSocketConnection;
};

/** An event that the registry emitted in the current step, for invariants about that step. */
export type RecordedEvent =
  | { readonly kind: 'created'; readonly record: ManagerRecord }
  | {
      readonly kind: 'closing';
      readonly record: ManagerRecord;
      readonly reason: string;
      /** It had no line when the event began. */
      readonly wasEmpty: boolean;
    }
  | { readonly kind: 'removed'; readonly record: ManagerRecord; readonly reason: string }
  | { readonly kind: 'opened'; readonly event: ConnectionEvent; readonly line: Line | undefined }
  | {
      readonly kind: 'closed';
      readonly event: ConnectionClosedEvent;
      readonly line: Line | undefined;
    }
  | {
      readonly kind: 'expelled';
      readonly event: ConnectionExpelledEvent;
      readonly line: Line | undefined;
    }
  | { readonly kind: 'spoke-of'; readonly event: AboutManager; readonly name: string }
  | {
      readonly kind: 'cleanup-started';
      readonly event: CleanupStartedEvent;
      /** No other cleanup of the user ran then, and none had just run. */
      readonly wasDue: boolean;
      /** Since the end of the user's last emergency cleanup. */
      readonly restedMs: number;
    }
  | { readonly kind: 'cleanup-finished'; readonly event: CleanupReport }
  | {
      readonly kind: 'limit';
      readonly event: LimitReachedEvent;
      /** Since the end of the user's last emergency cleanup. */
      readonly restedMs: number;
    };

export interface CleanupFigures {
  count: number;
  longestMs: number;
  removed: number;
}

/** How many cleanups of each kind there were, and their results. */
export type Cleanups = Readonly<Record<'proactive' | 'emergency' | 'requested', CleanupFigures>>;

export function noCleanups(): Cleanups {
  const none = () => ({ count: 0, longestMs: 0, removed: 0 });
  return { proactive: none(), emergency: none(), requested: none() };
}
