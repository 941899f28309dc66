/** A connection as far as the heartbeat and a probe read it, and a clock whose event loop may stand still. */
import { afterEach, beforeEach, vi } from 'vitest';
import {
  kBytesRead,
  kBytesReadWhenPinged,
  kDisconnect,
  kFrames,
  kFramesWhenPinged,
  kPingBatch,
  kProgressWhenPinged,
} from '../../../src/internal/symbols.ts';
import { NOT_PINGED } from '../../../src/liveness/heartbeat.ts';
import { NO_BACKLOG } from '../../../src/socket/ws-internals.ts';

/** What reading takes at most, twice: once for each look. */
export const READING_MS = 4;

/** Puts the tests of a file on a clock that they move. `stall` makes the event loop stand still. */
export function useStallingClock() {
  let stalledMs = 0;
  beforeEach(() => {
    vi.useFakeTimers();
    stalledMs = 0;
    const { now } = performance;
    performance.now = () => now.call(performance) + stalledMs;
  });
  afterEach(() => void vi.useRealTimers());
  return {
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    stall: (ms: number): void => {
      stalledMs += ms;
    },
  };
}

export function peer() {
  const socket = {
    OPEN: 1,
    readyState: 1,
    isPaused: false,
    ping: vi.fn(),
    _socket: { destroyed: false, _bytesDispatched: 0, _handle: { writeQueueSize: 0 } },
  };
  return {
    socket,
    state: 'open',
    [kPingBatch]: NOT_PINGED,
    [kFrames]: 0,
    [kBytesRead]: 0,
    [kFramesWhenPinged]: 0,
    [kBytesReadWhenPinged]: 0,
    [kProgressWhenPinged]: NO_BACKLOG,
    [kDisconnect]: vi.fn(),
  };
}

export type Peer = ReturnType<typeof peer>;

export const says = (one: Peer): void => {
  one[kFrames] += 1;
};
