/** The containers that the registry is made of, against what they stand for. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Deferred } from '../../src/internal/deferred.ts';
import { DueQueue } from '../../src/internal/due-queue.ts';
import {
  added,
  countOf,
  find,
  removed,
  type SmallMap,
  valuesOf,
} from '../../src/internal/small-map.ts';
import type { IdleLifetime } from '../../src/liveness/idle-lifetime.ts';
import { ScheduledRemovals } from '../../src/liveness/scheduled-removals.ts';
import type { EventDispatcher } from '../../src/telemetry/event-dispatcher.ts';

describe('a few things by name', () => {
  interface Named {
    readonly name: string;
    readonly step: number;
  }
  const nameOf = ({ name }: Named): string => name;

  test('are a map, whatever is done to them', () => {
    const map = new Map<string, Named>();
    // Sequences of five: add or remove one of three names.
    for (let code = 0; code < 6 ** 5; code += 7) {
      map.clear();
      let few: SmallMap<Named>;
      for (let step = 0, rest = code; step < 5; step += 1, rest = Math.floor(rest / 6)) {
        const name = 'abc'[rest % 3] ?? '';
        if (rest % 6 < 3) {
          few = added(few, { name, step }, nameOf);
          map.set(name, { name, step });
        } else {
          const present = find(few, name, nameOf);
          if (present !== undefined) few = removed(few, present, nameOf);
          map.delete(name);
        }
        expect(countOf(few)).toBe(map.size);
        expect([...valuesOf(few)]).toEqual([...map.values()]);
        for (const one of 'abc') expect(find(few, one, nameOf)).toEqual(map.get(one));
      }
    }
  });

  test.each([0, 1, 2])('are removed by identity, from %i others', (others) => {
    let few: SmallMap<Named>;
    for (let step = 0; step < others; step += 1)
      few = added(few, { name: `${step}`, step }, nameOf);
    const [earlier, later] = [1, 2].map((step) => ({ name: 'a', step }));
    if (earlier === undefined || later === undefined) throw new Error('two');
    few = added(few, later, nameOf);

    few = removed(few, earlier, nameOf);
    expect(find(few, 'a', nameOf)).toBe(later);
    few = removed(removed(few, later, nameOf), later, nameOf);

    expect(find(few, 'a', nameOf)).toBeUndefined();
    expect(countOf(few)).toBe(others);
  });

  test('do not ask for the name of one that is alone', () => {
    const nameless = (): string => {
      throw new Error('asked');
    };
    const alone = added(undefined, { name: 'a', step: 1 }, nameless);

    expect(countOf(alone)).toBe(1);
    expect(countOf(removed(alone, { name: 'a', step: 1 }, nameless))).toBe(1);
    expect([...valuesOf(alone)]).toEqual([{ name: 'a', step: 1 }]);
  });
});

describe('a queue by due time', () => {
  test('gives things back in the order they are due, whatever was added and removed', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const queue = new DueQueue<number>();
      const left: number[] = [];
      let state = seed;
      const draw = (below: number): number => {
        state = (state * 16_807) % 2_147_483_647;
        return state % below;
      };
      const entries = Array.from({ length: 3 + draw(20) }, () => {
        const dueMs = draw(50);
        left.push(dueMs);
        return queue.add(dueMs, dueMs);
      });
      for (const entry of entries) {
        if (draw(3) > 0) continue;
        queue.remove(entry);
        queue.remove(entry);
        left.splice(left.indexOf(entry.dueMs), 1);
        expect(entry.place).toBe(-1);
      }
      left.sort((one, other) => one - other);
      expect(queue.size).toBe(left.length);

      const taken: (number | undefined)[] = [];
      for (let turn = 0; turn < left.length; turn += 1) {
        expect(queue.firstDueMs).toBe(left[turn]);
        expect(queue.takeDue((left[turn] ?? 0) - 1)).toBeUndefined();
        taken.push(queue.takeDue(left[turn] ?? 0));
      }
      expect(taken).toEqual(left);
      expect(queue.firstDueMs).toBe(Number.POSITIVE_INFINITY);
      expect(queue.takeDue(Number.POSITIVE_INFINITY)).toBeUndefined();
    }
  });

  test('that was cleared is empty, and forgets its entries', () => {
    const queue = new DueQueue<string>();
    const entries = ['a', 'b'].map((item) => queue.add(item, 1));

    queue.clear();
    expect(entries.map(({ place }) => place)).toEqual([-1, -1]);
    expect(queue.takeDue(2)).toBeUndefined();
    queue.add('c', 1);
    queue.add('d', 2);
    for (const entry of entries) queue.remove(entry);

    expect([queue.takeDue(2), queue.takeDue(2), queue.size]).toEqual(['c', 'd', 0]);
  });
});

describe('a deferred', () => {
  test('settles as it is told', async () => {
    const [kept, broken] = [new Deferred<string>(), new Deferred<string>()];
    kept.resolve('kept');
    broken.reject(new Error('broken'));

    await expect(kept.promise).resolves.toBe('kept');
    await expect(broken.promise).rejects.toThrow('broken');
  });
});

test('an entry of a queue that was cleared takes nothing out of it afterwards', () => {
  const queue = new DueQueue<string>();
  const entry = queue.add('before', 1);
  queue.clear();
  queue.add('after', 2);

  queue.remove(entry);

  expect(queue.takeDue(2)).toBe('after');
});

describe('removals', () => {
  function made() {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const dispatcher = { run: (call: () => void) => call() } as unknown as EventDispatcher;
    const removals = new ScheduledRemovals(dispatcher);
    const beganAtMs = performance.now();
    const wentAtMs: number[] = [];
    const expire = () => wentAtMs.push(performance.now() - beganAtMs);
    const due = (afterMs: number) =>
      removals.schedule({ expire } as unknown as IdleLifetime, beganAtMs + afterMs);
    return { wentAtMs, due };
  }

  test('leave no timer when the last is over', async () => {
    const { due, wentAtMs } = made();
    due(100);

    await vi.advanceTimersByTimeAsync(100);

    expect(wentAtMs).toEqual([100]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that come one after the other go together, and one alone goes on time', async () => {
    const { due, wentAtMs } = made();
    for (const afterMs of [100, 101, 110, 119, 120, 121, 200, 300]) due(afterMs);

    await vi.advanceTimersByTimeAsync(1_000);

    expect(wentAtMs).toEqual([100, 120, 120, 120, 120, 140, 200, 300]);
  });
});
