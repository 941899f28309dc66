/** Which events become a log line, at which level and in which words. Pure; knows no logger. */

import type { DispatchedEvents } from './event-map.ts';
import type { PolicyDisconnectCause } from './reasons.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Plain ids and numbers: what a log is searched by. */
  readonly fields: object;
  readonly message: string;
}

type Writer<K extends keyof DispatchedEvents> = (event: DispatchedEvents[K][0]) => LogLine;

interface Subject {
  readonly userId: string;
  readonly threadId: string;
  readonly isolationKey: string;
  readonly count: number;
  readonly limit: number;
}

const subjectOf = ({ userId, threadId, isolationKey, count, limit }: Subject): Subject => ({
  userId,
  threadId,
  isolationKey,
  count,
  limit,
});

const named = (event: Subject): string =>
  `user=${event.userId} thread_id=${event.threadId} isolation_key=${event.isolationKey}`;

const filled = (event: { readonly count: number; readonly limit: number }): string =>
  `(${event.count}/${event.limit})`;

const percent = (event: { readonly count: number; readonly limit: number }): number =>
  Math.round((100 * event.count) / event.limit);

/** What a peer does, rather than what happens to it. */
const MISBEHAVIOUR: ReadonlySet<PolicyDisconnectCause> = new Set([
  'slow-reader',
  'message-size',
  'frame-rate',
]);

const WRITERS: { readonly [K in keyof DispatchedEvents]?: Writer<K> } = {
  managerCreated: (event) => ({
    level: 'info',
    fields: subjectOf(event),
    message: `manager created: ${named(event)} ${filled(event)}`,
  }),
  managerRemoved: (event) => ({
    level: 'info',
    fields: { ...subjectOf(event), reason: event.reason, ageMs: event.ageMs },
    message: `manager cleanup: ${named(event)} reason=${event.reason} ${filled(event)}`,
  }),
  connectionExpelled: (event) => ({
    level: MISBEHAVIOUR.has(event.cause) ? 'warn' : 'info',
    fields: {
      ...subjectOf(event),
      connectionId: event.connectionId,
      cause: event.cause,
      code: event.code,
    },
    message: `connection expelled: ${named(event)} cause=${event.cause} code=${event.code}`,
  }),
  messagesDropped: (event) => ({
    level: 'warn',
    fields: {
      ...subjectOf(event),
      reason: event.reason,
      messages: event.messages,
      bytes: event.bytes,
      connectionId: event.connectionId,
    },
    message: `messages dropped: ${named(event)} reason=${event.reason} messages=${event.messages} bytes=${event.bytes}`,
  }),
  cleanupStarted: (event) => ({
    level: event.kind === 'emergency' ? 'warn' : 'info',
    fields: event,
    message: `${event.kind} cleanup started: user=${event.userId} at ${percent(event)}% capacity ${filled(event)}`,
  }),
  cleanupFinished: (event) => ({
    level: event.kind === 'emergency' ? 'warn' : 'info',
    fields: event,
    message: `${event.kind} cleanup finished: user=${event.userId} outcome=${event.outcome} probed=${event.probed} removed=${event.removed} after ${Math.round(event.durationMs)} ms ${filled(event)}`,
  }),
  limitReached: (event) => ({
    level: 'warn',
    fields: {
      ...subjectOf(event),
      scope: event.scope,
      removed: event.removed,
      retryAfterMs: event.retryAfterMs,
    },
    message: `manager limit reached: ${named(event)} scope=${event.scope} retry after ${event.retryAfterMs} ms ${filled(event)}`,
  }),
  securityViolation: (event) => ({
    level: 'error',
    fields: {
      ...subjectOf(event),
      kind: event.kind,
      offenderUserId: event.offenderUserId,
      offenderThreadId: event.offenderThreadId,
    },
    message: `security violation: ${event.kind} of user=${event.offenderUserId} thread_id=${event.offenderThreadId} at ${named(event)}`,
  }),
  hookError: (event) => ({
    level: 'error',
    fields: { hook: event.hook, err: event.error, userId: event.userId },
    message: `hook failed: ${event.hook}`,
  }),
  shutdownStarted: (event) => ({
    level: 'info',
    fields: event,
    message: `shutdown started: managers=${event.managers} connections=${event.connections} within ${event.drainMs} ms`,
  }),
  shutdownFinished: (event) => ({
    level: 'info',
    fields: event,
    message: `shutdown finished: managers=${event.managers} connections=${event.connections} terminated=${event.terminated} after ${Math.round(event.durationMs)} ms`,
  }),
};

/** The line for this event; undefined for events that are too frequent or too small for one. */
export function logLine<K extends keyof DispatchedEvents>(
  name: K,
  event: DispatchedEvents[K][0],
): LogLine | undefined {
  return WRITERS[name]?.(event);
}
