/** The rounds by themselves: who is visited when, and who leaves whose seat to whom. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebSocketConnection } from '../../../src/connection.ts';
import { kSeat, kSlot } from '../../../src/internals.ts';
import type { Journal } from '../../../src/journal.ts';
import { Rounds } from '../../../src/rounds.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function roundsOf(roundMs: number) {
  const visits: { readonly who: unknown; readonly atMs: number }[] = [];
  const ended = vi.fn();
  const run = vi.fn((call: () => void) => call());
  const startedAtMs = performance.now();
  const rounds = new Rounds(roundMs, { run } as unknown as Journal, {
    visit: (who) => void visits.push({ who, atMs: performance.now() - startedAtMs }),
    ended,
  });
  const join = (): WebSocketConnection => {
    const connection = { [kSlot]: -1, [kSeat]: -1 } as WebSocketConnection;
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

describe('a round', () => {
  test.each([
    [60_000, 512],
    [1_600, 64],
    [1_599, 32],
    [49, 1],
  ])('of %i ms has %i slots, and comes to everybody once', async (roundMs, slots) => {
    const { join, visits, at } = roundsOf(roundMs);
    const all = Array.from({ length: 1_200 }, join);

    await pass(roundMs);

    expect(new Set(visits.map(({ atMs }) => atMs)).size).toBe(slots);
    for (const one of all) expect(at(one)).toHaveLength(1);
  });

  test('comes to each at the same time of every round, and wakes up for nobody else', async () => {
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

  test('begins anew with the first after a time of nobody', async () => {
    const { rounds, join, at } = roundsOf(1_600);
    rounds.leave(join());
    await pass(100_000);

    const one = join();
    await pass(1_600);

    // The second in order of coming: 78 slots on, of 64.
    expect(at(one)).toEqual([100_000 + 25 + 14 * 25]);
  });

  test('that is late goes on where it was', async () => {
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

describe('whoever leaves', () => {
  test('leaves his seat to the last of his slot', async () => {
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

  test('leaves once', async () => {
    const { rounds, join, who, ended } = roundsOf(40);
    const [first, second] = [join(), join()];

    rounds.leave(first);
    rounds.leave(first);
    await pass(40);

    expect(who()).toEqual(new Set([second]));
    expect(ended).not.toHaveBeenCalled();
  });
});
