/** Who is asked for a sign of life, by the heartbeat or a probe, and what is made of it: one question at a time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  kBytesRead,
  kBytesReadWhenPinged,
  kDisconnect,
  kFrames,
  kFramesWhenPinged,
  kPingBatch,
  kProgressWhenPinged,
  kSockets,
  kWatch,
} from '../../../src/internal/symbols.ts';
import { Heartbeat, NOT_PINGED } from '../../../src/liveness/heartbeat.ts';
import { probe, type Verdict } from '../../../src/liveness/probe.ts';
import type { WebSocketConnection, WebSocketManager } from '../../../src/manager.ts';
import { NO_BACKLOG } from '../../../src/socket/ws-internals.ts';
import type { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';

let stalledMs = 0;
/** The event loop stands still for so many milliseconds. */
const stall = (ms: number): void => {
  stalledMs += ms;
};
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  stalledMs = 0;
  const { now } = performance;
  performance.now = () => now.call(performance) + stalledMs;
});
afterEach(() => void vi.useRealTimers());

function peer() {
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

type Peer = ReturnType<typeof peer>;

const expulsions = (one: Peer): number => one[kDisconnect].mock.calls.length;
const says = (one: Peer): void => {
  one[kFrames] += 1;
};

/** A heartbeat whose peers have so many milliseconds to answer. */
function heartbeat(timeoutMs: number) {
  const dispatcher = { run: (call: () => void) => call() } as unknown as EventDispatcher;
  const made = new Heartbeat(timeoutMs, dispatcher);
  return {
    stop: () => made.stop(),
    ask: (...peers: readonly Peer[]) => {
      for (const one of peers) {
        made.ping(one as unknown as WebSocketConnection, performance.now());
      }
    },
  };
}

/** What reading takes at most, twice: once for each look. */
const READING_MS = 4;

describe('the heartbeat', () => {
  test.each([40, 100, 10_000])('gives %i ms to answer, and no more', async (timeoutMs) => {
    const { ask } = heartbeat(timeoutMs);
    const [mute, alive] = [peer(), peer()];

    ask(mute, alive);
    await pass(timeoutMs - 1);
    says(alive);
    expect(expulsions(mute)).toBe(0);
    await pass(1 + READING_MS);

    expect(mute[kDisconnect].mock.calls).toEqual([['heartbeat']]);
    expect(expulsions(alive)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('asks one that owes an answer only once, and anew when it has answered', async () => {
    const { ask } = heartbeat(1_000);
    const [mute, alive] = [peer(), peer()];
    ask(mute, alive);
    await pass(500);
    says(alive);

    ask(mute, alive);
    expect([mute, alive].map(({ socket }) => socket.ping.mock.calls.length)).toEqual([1, 2]);
    await pass(500 + READING_MS);
    expect([mute, alive].map(expulsions)).toEqual([1, 0]);
    await pass(500);

    expect([mute, alive].map(expulsions)).toEqual([1, 1]);
  });

  test('has no timer when all have answered', async () => {
    const { ask } = heartbeat(1_000);
    const alive = peer();
    ask(alive);
    says(alive);

    await pass(900 + READING_MS);

    expect(vi.getTimerCount()).toBe(0);
    expect(alive[kPingBatch]).toBe(NOT_PINGED);
  });

  test('puts nobody out who is on his way, or is not read', async () => {
    const { ask } = heartbeat(1_000);
    const [closing, paused] = [peer(), peer()];
    ask(closing, paused);
    closing.state = 'closing';
    paused.socket.isPaused = true;

    await pass(1_000 + READING_MS);

    expect([closing, paused].map(expulsions)).toEqual([0, 0]);
  });

  test('that is stopped judges nobody, also when it was about to', async () => {
    const { ask, stop } = heartbeat(1_000);
    const [early, late] = [peer(), peer()];
    ask(early);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    ask(late);
    await pass(1_000);

    stop();
    expect(vi.getTimerCount()).toBe(0);
    await pass(10_000);

    expect([early, late].map(expulsions)).toEqual([0, 0]);
  });
});

describe('a stall of the event loop', () => {
  /** Asks one, and half a second later another; the loop then stands still where the first is looked at. */
  async function stalled(
    ask: ReturnType<typeof heartbeat>['ask'],
    ms: number,
  ): Promise<readonly [Peer, Peer]> {
    const [first, second] = [peer(), peer()];
    ask(first);
    await pass(500);
    ask(second);
    await pass(399);
    stall(ms);
    await pass(1);
    return [first, second];
  }

  test.each([
    [100, 1],
    [101, 0],
  ])('of %i ms is given to whoever had to answer: %i is put out early', async (ms, early) => {
    const { ask } = heartbeat(1_000);

    const [first, second] = await stalled(ask, ms);
    await pass(100 + 2 * READING_MS);
    expect(expulsions(first)).toBe(1);
    await pass(450);

    expect(expulsions(second)).toBe(early);
    await pass(50);
    expect(expulsions(second)).toBe(1);
  });

  test('is given once, and anew after somebody was judged', async () => {
    const { ask } = heartbeat(1_000);
    const [, second] = await stalled(ask, 5_000);
    stall(50_000);
    await pass(200);
    expect(expulsions(second)).toBe(1);

    const [, fourth] = await stalled(ask, 5_000);
    await pass(300);

    expect(expulsions(fourth)).toBe(0);
  });

  test('is given anew after a stop', async () => {
    const { ask, stop } = heartbeat(1_000);
    await stalled(ask, 5_000);
    stop();

    const [, fourth] = await stalled(ask, 5_000);
    await pass(300);

    expect(expulsions(fourth)).toBe(0);
  });

  test('does not put off whoever is asked after it', async () => {
    const { ask } = heartbeat(1_000);
    const [before, after] = [peer(), peer()];
    ask(before);
    await pass(899);
    stall(5_000);
    says(before);

    ask(after);
    await pass(999);
    expect(expulsions(after)).toBe(0);
    await pass(1 + READING_MS);

    expect(expulsions(after)).toBe(1);
  });
});

/** A probe of a manager with these peers, and 1,000 ms. */
function probed(...peers: Peer[]) {
  let told = (): void => {};
  const unwatch = vi.fn();
  const manager = {
    state: 'open',
    [kSockets]: () => peers,
    [kWatch]: (call: () => void) => {
      told = call;
      return unwatch;
    },
  };
  let verdict: Verdict | undefined;
  void probe(manager as unknown as WebSocketManager, 1_000).then((found) => {
    verdict = found;
  });
  return {
    manager,
    peers,
    unwatch,
    /** Something has happened to the manager or a peer of it. */
    tell: async (): Promise<Verdict | undefined> => {
      told();
      await pass(0);
      return verdict;
    },
    verdict: () => verdict,
  };
}

describe('a probe', () => {
  test('waits for the time to be up, and then calls the mute dead', async () => {
    const { verdict, tell, unwatch } = probed(peer(), peer());

    await pass(1_000);
    expect(await tell()).toBeUndefined();
    await pass(READING_MS);

    expect(verdict()).toBe('dead');
    expect(unwatch).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has its verdict with the first frame of anybody', async () => {
    const [mute, alive] = [peer(), peer()];
    const { tell } = probed(mute, alive);
    says(alive);

    expect(await tell()).toBe('alive');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has its verdict when somebody connects', async () => {
    const { tell, peers } = probed(peer());
    peers.push(peer());

    expect(await tell()).toBe('alive');
  });

  test.each([
    ['bytes that came', (one: Peer) => void Object.assign(one, { [kBytesRead]: 1 })],
    [
      'a backlog that shrank',
      (one: Peer) => void Object.assign(one.socket._socket._handle, { writeQueueSize: 40 }),
    ],
  ])('takes %s for life, at the end', async (_what, live) => {
    const one = peer();
    Object.assign(one.socket._socket, { _bytesDispatched: 100, _handle: { writeQueueSize: 50 } });
    const { tell, verdict } = probed(one);
    live(one);

    expect(await tell()).toBeUndefined();
    await pass(1_000 + READING_MS);

    expect(verdict()).toBe('alive');
  });

  test.each([
    ['has lost its last socket', ({ peers }: ReturnType<typeof probed>) => void peers.pop()],
    [
      'is closing',
      ({ manager }: ReturnType<typeof probed>) => void Object.assign(manager, { state: 'closing' }),
    ],
  ])('finds a manager gone that %s', async (_what, change) => {
    const made = probed(peer());
    change(made);

    expect(await made.tell()).toBe('gone');
  });

  test.each([
    ['was paused', (one: Peer) => void Object.assign(one.socket, { isPaused: true }), 'unknown'],
    [
      'cannot be pinged',
      (one: Peer) =>
        void one.socket.ping.mockImplementation(() => {
          throw new Error('no ping');
        }),
      'unknown',
    ],
    ['is closing', (one: Peer) => void Object.assign(one.socket, { readyState: 2 }), 'dead'],
  ])('of a peer that %s', async (_what, change, expected) => {
    const one = peer();
    change(one);
    const { verdict, tell } = probed(peer(), one);
    one.socket.isPaused = false;

    expect(await tell()).toBeUndefined();
    await pass(1_000 + READING_MS);

    expect(verdict()).toBe(expected);
  });

  test.each([
    [100, 'dead'],
    [101, undefined],
  ])('that is %i ms late is by then %s', async (lateMs, expected) => {
    const { verdict } = probed(peer());
    await pass(999);
    stall(lateMs);

    await pass(1 + READING_MS);

    expect(verdict()).toBe(expected);
  });

  test('that was late looks a second time, and no more', async () => {
    const { verdict } = probed(peer());
    await pass(999);
    stall(5_000);
    await pass(1);
    stall(5_000);

    await pass(100 + READING_MS);

    expect(verdict()).toBe('dead');
  });
});
