/** The heartbeat by itself: which peer owes an answer, until when, and what a stalled event loop changes. */
import { describe, expect, test, vi } from 'vitest';
import { kDisconnect, kPingBatch } from '../../../src/internal/symbols.ts';
import { Heartbeat, NOT_PINGED } from '../../../src/liveness/heartbeat.ts';
import type { WebSocketConnection } from '../../../src/manager.ts';
import type { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';
import { type Peer, peer, READING_MS, says, useStallingClock } from '../support/pinged-peer.ts';

const { pass, stall } = useStallingClock();

const disconnects = (one: Peer): number => one[kDisconnect].mock.calls.length;

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

describe('the deadlines of the heartbeat', () => {
  test.each([40, 100, 10_000])(
    'the heartbeat gives %i ms to answer, and no more',
    async (timeoutMs) => {
      const { ask } = heartbeat(timeoutMs);
      const [mute, alive] = [peer(), peer()];

      ask(mute, alive);
      await pass(timeoutMs - 1);
      says(alive);
      expect(disconnects(mute)).toBe(0);
      await pass(1 + READING_MS);

      expect(mute[kDisconnect].mock.calls).toEqual([['heartbeat']]);
      expect(disconnects(alive)).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test('the heartbeat pings a peer that owes an answer only once, and anew when it has answered', async () => {
    const { ask } = heartbeat(1_000);
    const [mute, alive] = [peer(), peer()];
    ask(mute, alive);
    await pass(500);
    says(alive);

    ask(mute, alive);
    expect([mute, alive].map(({ socket }) => socket.ping.mock.calls.length)).toEqual([1, 2]);
    await pass(500 + READING_MS);
    expect([mute, alive].map(disconnects)).toEqual([1, 0]);
    await pass(500);

    expect([mute, alive].map(disconnects)).toEqual([1, 1]);
  });

  test('the heartbeat has no timer when all peers have answered', async () => {
    const { ask } = heartbeat(1_000);
    const alive = peer();
    ask(alive);
    says(alive);

    await pass(900 + READING_MS);

    expect(vi.getTimerCount()).toBe(0);
    expect(alive[kPingBatch]).toBe(NOT_PINGED);
  });

  test('the heartbeat disconnects no peer that is closing or not read', async () => {
    const { ask } = heartbeat(1_000);
    const [closing, paused] = [peer(), peer()];
    ask(closing, paused);
    closing.state = 'closing';
    paused.socket.isPaused = true;

    await pass(1_000 + READING_MS);

    expect([closing, paused].map(disconnects)).toEqual([0, 0]);
  });

  test('a stopped heartbeat judges no peer, also when it was about to', async () => {
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

    expect([early, late].map(disconnects)).toEqual([0, 0]);
  });
});

describe('stalls of the event loop', () => {
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
  ])(
    'a stall of %i ms is given to a peer that owes an answer: %i is disconnected early',
    async (ms, early) => {
      const { ask } = heartbeat(1_000);

      const [first, second] = await stalled(ask, ms);
      await pass(100 + 2 * READING_MS);
      expect(disconnects(first)).toBe(1);
      await pass(450);

      expect(disconnects(second)).toBe(early);
      await pass(50);
      expect(disconnects(second)).toBe(1);
    },
  );

  test('the time of a stall is given once, and anew after a peer was judged', async () => {
    const { ask } = heartbeat(1_000);
    const [, second] = await stalled(ask, 5_000);
    stall(50_000);
    await pass(200);
    expect(disconnects(second)).toBe(1);

    const [, fourth] = await stalled(ask, 5_000);
    await pass(300);

    expect(disconnects(fourth)).toBe(0);
  });

  test('the time of a stall is given anew after a stop', async () => {
    const { ask, stop } = heartbeat(1_000);
    await stalled(ask, 5_000);
    stop();

    const [, fourth] = await stalled(ask, 5_000);
    await pass(300);

    expect(disconnects(fourth)).toBe(0);
  });

  test('a stall does not postpone the deadline of a peer that is pinged after it', async () => {
    const { ask } = heartbeat(1_000);
    const [before, after] = [peer(), peer()];
    ask(before);
    await pass(899);
    stall(5_000);
    says(before);

    ask(after);
    await pass(999);
    expect(disconnects(after)).toBe(0);
    await pass(1 + READING_MS);

    expect(disconnects(after)).toBe(1);
  });
});
