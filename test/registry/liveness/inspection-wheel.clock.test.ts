/** The inspection wheel by itself: which connection is inspected when, and who takes which index. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { kWheelBucket, kWheelIndex } from '../../../src/internal/symbols.ts';
import { InspectionWheel } from '../../../src/liveness/inspection-wheel.ts';
import type { WebSocketConnection } from '../../../src/manager.ts';
import type { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function roundsOf(roundMs: number, onVisit = () => {}) {
  const visits: { readonly who: unknown; readonly atMs: number }[] = [];
  const ended = vi.fn();
  const run = vi.fn((call: () => void) => call());
  const startedAtMs = performance.now();
  const rounds = new InspectionWheel(roundMs, { run } as unknown as EventDispatcher, {
    visit: (who) => {
      visits.push({ who, atMs: performance.now() - startedAtMs });
      onVisit();
    },
    ended,
  });
  const join = (): WebSocketConnection => {
    const openedAtMs = performance.now();
    const connection = { openedAtMs, [kWheelBucket]: -1, [kWheelIndex]: -1 } as WebSocketConnection;
    rounds.join(connection);
    return connection;
  };
  return {
    rounds,
    ended,
    run,
    join,
    visits,
    at: (who: WebSocketConnection) =>
      visits.filter((each) => each.who === who).map(({ atMs }) => atMs),
    who: () => new Set(visits.splice(0).map(({ who }) => who)),
  };
}

describe('rounds of the inspection wheel', () => {
  test.each([
    [60_000, 512],
    [1_600, 64],
    [1_599, 32],
    [49, 1],
  ])(
    'a round of %i ms has %i buckets, and inspects each connection once',
    async (roundMs, slots) => {
      const { join, visits, at } = roundsOf(roundMs);
      const all = Array.from({ length: 1_200 }, join);

      await pass(roundMs);

      expect(new Set(visits.map(({ atMs }) => atMs)).size).toBe(slots);
      for (const one of all) expect(at(one)).toHaveLength(1);
    },
  );

  test('each connection is inspected at the same time of every round, with no other wake-up', async () => {
    const { join, at, run } = roundsOf(1_600);
    const first = join();
    await pass(300);
    const [second, third] = [join(), join()];

    await pass(4_000);

    expect(at(first)).toEqual([1_000, 2_600, 4_200]);
    expect(at(second)).toEqual([375, 1_975, 3_575]);
    expect(at(third)).toEqual([1_350, 2_950]);
    expect(run).toHaveBeenCalledTimes(8);
  });

  test.each([
    [300, [375, 1_975, 3_575]],
    [374, [375, 1_975, 3_575]],
    [375, [1_975, 3_575]],
    [800, [1_975, 3_575]],
    [1_100, [1_975, 3_575]],
    [1_980, [3_575]],
    [2_500, [3_575]],
  ])(
    'a connection that joins at %i ms is inspected when it is the turn of its bucket',
    async (joinsMs, expected) => {
      const { join, at, run } = roundsOf(1_600);
      const first = join();
      await pass(joinsMs);
      const second = join();

      await pass(4_000 - joinsMs);

      expect(at(first)).toEqual([1_000, 2_600]);
      expect(at(second)).toEqual(expected);
      expect(run).toHaveBeenCalledTimes(2 + expected.length);
    },
  );

  test('a connection that joins makes the wheel pass over no connection whose turn is late', async () => {
    const { join, at } = roundsOf(1_600);
    const first = join();
    const { now } = performance;
    let stalledMs = 0;
    performance.now = () => now.call(performance) + stalledMs;
    await pass(900);
    stalledMs = 500;
    const second = join();

    await pass(1_600);
    performance.now = now;

    expect(at(first)).toEqual([1_500]);
    expect(at(second)).toEqual([2_475]);
  });

  test('a wheel that starts again goes on from the bucket where it was', async () => {
    const { rounds, join, at } = roundsOf(1_600);
    const first = join();
    await pass(1_100);
    rounds.leave(first);
    const second = join();

    await pass(1_600);

    expect(at(first)).toEqual([1_000]);
    expect(at(second)).toEqual([2_075]);
  });

  test('a wheel starts again with the first connection after a time without any', async () => {
    const { rounds, join, at } = roundsOf(1_600);
    rounds.leave(join());
    await pass(100_000);

    const one = join();
    await pass(1_600);

    // The second in order of coming: 78 slots on, of 64.
    expect(at(one)).toEqual([100_000 + 25 + 14 * 25]);
  });

  test('a wheel that is late goes on where it was', async () => {
    const { join, at } = roundsOf(1_600);
    const [one, other] = [join(), join()];
    const { now } = performance;
    let stalledMs = 0;
    performance.now = () => now.call(performance) + stalledMs;
    await pass(300);

    stalledMs = 5_000;
    await pass(1_600);
    performance.now = now;

    // Due at 375 and 1,000; each is as late as the loop was, and neither is made up for.
    expect(at(other)).toEqual([5_375]);
    expect(at(one)).toEqual([6_000]);
  });
});

describe('lateness of the inspection wheel', () => {
  test('lateness of a part of a millisecond does not add up', async () => {
    const { join, at } = roundsOf(15_000);
    const all = [join(), join(), join()];

    await pass(150_000);

    for (const one of all) {
      const [firstAtMs = 0, ...others] = at(one);
      expect(others).toEqual(others.map((_, index) => firstAtMs + 15_000 * (index + 1)));
    }
  });

  test.each([
    [100, 1_600],
    [101, 1_701],
  ])('lateness of %i ms makes the next round end at %i', async (lateMs, endsAtMs) => {
    const { join, at } = roundsOf(1_600);
    const one = join();
    const { now } = performance;
    let stalledMs = 0;
    performance.now = () => now.call(performance) + stalledMs;
    await pass(999);
    stalledMs = lateMs;

    await pass(1_700);
    performance.now = now;

    expect(at(one)).toEqual([1_000 + lateMs, 1_000 + endsAtMs]);
  });

  test('lateness of several rounds is made up for by one', async () => {
    const { join, at } = roundsOf(40);
    const one = join();
    const { now } = performance;
    let stalledMs = 0;
    performance.now = () => now.call(performance) + stalledMs;
    await pass(39);
    stalledMs = 100;

    await pass(1);
    performance.now = now;

    expect(at(one)).toEqual([140]);
  });
});

describe('connections that leave the inspection wheel', () => {
  test('a connection that leaves gives its index to the last of its bucket', async () => {
    const { rounds, join, who, ended } = roundsOf(40);
    const [first, second, third] = [join(), join(), join()];

    rounds.leave(first);
    await pass(40);
    expect(who()).toEqual(new Set([second, third]));
    rounds.leave(third);
    await pass(40);
    expect(who()).toEqual(new Set([second]));
    expect(ended).not.toHaveBeenCalled();
    rounds.leave(second);

    expect(ended).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
    await pass(40);
    expect(who()).toEqual(new Set());
  });

  test('connections that leave while one is inspected are not inspected any more', async () => {
    const all: WebSocketConnection[] = [];
    const { rounds, join, who, ended } = roundsOf(40, () =>
      all.forEach((one) => void rounds.leave(one)),
    );
    all.push(join(), join(), join());

    await pass(40);

    expect(who()).toEqual(new Set([all[2]]));
    expect(ended).toHaveBeenCalledOnce();
  });

  test('a connection leaves the inspection wheel once', async () => {
    const { rounds, join, who, ended } = roundsOf(40);
    const [first, second] = [join(), join()];

    rounds.leave(first);
    rounds.leave(first);
    await pass(40);

    expect(who()).toEqual(new Set([second]));
    expect(ended).not.toHaveBeenCalled();
  });
});
