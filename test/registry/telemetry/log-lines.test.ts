import { describe, expect, test } from 'vitest';
import { logLine } from '../../../src/telemetry/log-lines.ts';

const subject = {
  userId: 'ada',
  threadId: 't-1',
  isolationKey: 'ada:t-1',
  count: 3,
  limit: 20,
};

const who = 'user=ada thread_id=t-1 isolation_key=ada:t-1';

type Name = Parameters<typeof logLine>[0];

/** The line of an event that has these fields besides its subject, and some that no line is about. */
function line(name: Name, fields: object): ReturnType<typeof logLine> {
  return logLine(name, { ...subject, manager: 'not for a log', ...fields } as never);
}

describe('log lines', () => {
  test.each<[Name, object, string, object, string]>([
    ['managerCreated', {}, 'info', {}, `manager created: ${who} (3/20)`],
    [
      'managerRemoved',
      { reason: 'idle', ageMs: 12 },
      'info',
      { reason: 'idle', ageMs: 12 },
      `manager cleanup: ${who} reason=idle (3/20)`,
    ],
    [
      'messagesDropped',
      { reason: 'outbox-full', messages: 2, bytes: 9, connectionId: 'c-1' },
      'warn',
      { reason: 'outbox-full', messages: 2, bytes: 9, connectionId: 'c-1' },
      `messages dropped: ${who} reason=outbox-full messages=2 bytes=9`,
    ],
    [
      'limitReached',
      { scope: 'user', removed: 1, retryAfterMs: 70 },
      'warn',
      { scope: 'user', removed: 1, retryAfterMs: 70 },
      `manager limit reached: ${who} scope=user retry after 70 ms (3/20)`,
    ],
    [
      'securityViolation',
      { kind: 'foreign-context', offenderUserId: 'eve', offenderThreadId: 't-2' },
      'error',
      { kind: 'foreign-context', offenderUserId: 'eve', offenderThreadId: 't-2' },
      `security violation: foreign-context of user=eve thread_id=t-2 at ${who}`,
    ],
  ])('the log line of %s names its subject', (name, event, level, fields, message) => {
    expect(line(name, event)).toEqual({ level, fields: { ...subject, ...fields }, message });
  });

  test.each([
    ['heartbeat', 'info'],
    ['age', 'info'],
    ['silence', 'info'],
    ['slow-reader', 'warn'],
    ['message-size', 'warn'],
    ['frame-rate', 'warn'],
  ])('the log line of a policy disconnect for %s has level %s', (cause, level) => {
    expect(line('connectionExpelled', { cause, code: 4_400, connectionId: 'c-1' })).toEqual({
      level,
      fields: { ...subject, cause, code: 4_400, connectionId: 'c-1' },
      message: `connection expelled: ${who} cause=${cause} code=4400`,
    });
  });

  test.each([
    ['proactive', 'info'],
    ['requested', 'info'],
    ['emergency', 'warn'],
  ])('the log lines of a %s cleanup have level %s', (kind, level) => {
    const started = { kind, userId: 'ada', count: 13, limit: 20 };
    const finished = { ...started, outcome: 'done', probed: 4, removed: 2, durationMs: 7.6 };

    expect(logLine('cleanupStarted', started as never)).toEqual({
      level,
      fields: started,
      message: `${kind} cleanup started: user=ada at 65% capacity (13/20)`,
    });
    expect(logLine('cleanupFinished', finished as never)).toEqual({
      level,
      fields: finished,
      message: `${kind} cleanup finished: user=ada outcome=done probed=4 removed=2 after 8 ms (13/20)`,
    });
  });

  test('the log line of a failed hook has its error', () => {
    const error = new Error('boom');

    expect(logLine('hookError', { hook: 'listener:x', error, userId: 'ada' })).toEqual({
      level: 'error',
      fields: { hook: 'listener:x', err: error, userId: 'ada' },
      message: 'hook failed: listener:x',
    });
  });

  test('the log lines of a shutdown have its figures', () => {
    const started = { managers: 3, connections: 4, drainMs: 500 };
    const finished = { managers: 3, connections: 4, terminated: 1, durationMs: 9.4 };

    expect(logLine('shutdownStarted', started)).toEqual({
      level: 'info',
      fields: started,
      message: 'shutdown started: managers=3 connections=4 within 500 ms',
    });
    expect(logLine('shutdownFinished', finished)).toEqual({
      level: 'info',
      fields: finished,
      message: 'shutdown finished: managers=3 connections=4 terminated=1 after 9 ms',
    });
  });

  test('events of every connection have no log line', () => {
    expect(line('connectionOpened', {})).toBeUndefined();
    expect(line('sweepFinished', {})).toBeUndefined();
  });
});
