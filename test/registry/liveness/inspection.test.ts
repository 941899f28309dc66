/** What an inspection does about one connection, at which moment exactly, and how often each connection is inspected. */
import { describe, expect, test, vi } from 'vitest';
import type { RegistryOptions, WebSocketConnection } from '../../../src/index.ts';
import {
  kBacklog,
  kConnectionGone,
  kDisconnect,
  kPeerDone,
} from '../../../src/internal/symbols.ts';
import type { Heartbeat } from '../../../src/liveness/heartbeat.ts';
import { inspector, roundMsOf } from '../../../src/liveness/inspection.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';

/** What is done about a connection whose peer was last heard, or which was opened, at these moments. */
function look(options: RegistryOptions, nowMs: number, fields: object = {}, socket: object = {}) {
  const ping = vi.fn();
  const connection = {
    openedAtMs: 1_000,
    lastMessageMs: 1_000,
    lastSeenMs: nowMs,
    socket: { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3, readyState: 1, ...socket },
    [kBacklog]: 0,
    [kDisconnect]: vi.fn(),
    [kPeerDone]: vi.fn(),
    [kConnectionGone]: vi.fn(),
    ...fields,
  };
  const visit = inspector(resolveOptions(options), { ping } as unknown as Heartbeat);
  visit(connection as unknown as WebSocketConnection, nowMs);
  return {
    expelled: connection[kDisconnect].mock.calls,
    done: connection[kPeerDone].mock.calls.length,
    gone: connection[kConnectionGone].mock.calls,
    pinged: ping.mock.calls.length,
  };
}

const NOTHING = { expelled: [], done: 0, gone: [], pinged: 0 };

const NO_HEARTBEAT = { heartbeatIntervalMs: 0, sweepIntervalMs: 100_000 };

describe('intervals of inspection', () => {
  test.each<[RegistryOptions, number]>([
    [{}, 14_900],
    [{ heartbeatIntervalMs: 1_000 }, 450],
    [{ heartbeatIntervalMs: 2_000 }, 900],
    [{ heartbeatIntervalMs: 0, sweepIntervalMs: 7_000 }, 7_000],
    [{ maxConnectionAgeMs: 8_000 }, 2_000],
    [{ maxSilenceMs: 4_000 }, 1_000],
    [{ maxSilenceMs: 1 }, 1],
  ])('each connection is inspected with %j every %i ms', (options, expected) => {
    expect(roundMsOf(resolveOptions(options))).toBe(expected);
  });
});

describe('inspections', () => {
  test('an inspection leaves a connection alone when nothing is due', () => {
    expect(look({}, 2_000)).toEqual(NOTHING);
  });

  test('an inspection finds a socket that is gone, and one that is closing', () => {
    expect(look({}, 2_000, {}, { readyState: 3 })).toEqual({
      ...NOTHING,
      gone: [[1006, '', 'lost']],
    });
    expect(look({}, 2_000, {}, { readyState: 2 })).toEqual({ ...NOTHING, done: 1 });
  });

  test('an inspection disconnects a connection in the last round in which it is not too old', () => {
    const options = { ...NO_HEARTBEAT, maxConnectionAgeMs: 8_000 };

    expect(look(options, 7_000)).toEqual(NOTHING);
    expect(look(options, 7_001)).toEqual({ ...NOTHING, expelled: [['age']] });
  });

  test('an inspection disconnects a connection without a message for maxSilenceMs', () => {
    const options = { ...NO_HEARTBEAT, maxSilenceMs: 4_000 };

    expect(look(options, 4_999)).toEqual(NOTHING);
    expect(look(options, 5_000)).toEqual({ ...NOTHING, expelled: [['silence']] });
  });

  test('an inspection pings a peer that was silent for half a heartbeatIntervalMs', () => {
    const options = { heartbeatIntervalMs: 10_000 };

    expect(look(options, 10_000, { lastSeenMs: 5_001 })).toEqual(NOTHING);
    expect(look(options, 10_000, { lastSeenMs: 5_000 })).toEqual({ ...NOTHING, pinged: 1 });
    expect(look(NO_HEARTBEAT, 1e9, { lastSeenMs: 0 })).toEqual(NOTHING);
  });

  test('an inspection disconnects a connection when more than maxBufferedBytes wait a second time, and no fewer', () => {
    const options = { maxBufferedBytes: 100 };
    const behind = (before: number, bufferedAmount: number) =>
      look(options, 2_000, { [kBacklog]: before }, { bufferedAmount }).expelled;

    expect(behind(0, 101)).toEqual([]);
    expect(behind(102, 101)).toEqual([]);
    expect(behind(101, 101)).toEqual([['slow-reader']]);
    expect(behind(101, 500)).toEqual([['slow-reader']]);
  });
});
