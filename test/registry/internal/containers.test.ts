/** The containers that the registry is made of, against plain models. */
import { describe, expect, test } from 'vitest';
import { Deferred } from '../../../src/internal/deferred.ts';
import { DueQueue } from '../../../src/internal/due-queue.ts';
import {
  added,
  countOf,
  find,
  removed,
  type SmallMap,
  valuesOf,
} from '../../../src/internal/small-map.ts';

describe('small maps', () => {
  interface Named {
    readonly name: string;
    readonly step: number;
  }
  const nameOf = ({ name }: Named): string => name;

  test('a small map behaves as a Map after any sequence of operations', () => {
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

  test.each([0, 1, 2])('a small map removes its values by identity, from %i others', (others) => {
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

  test('a small map with one value does not ask for its name', () => {
    const nameless = (): string => {
      throw new Error('asked');
    };
    const alone = added(undefined, { name: 'a', step: 1 }, nameless);

    expect(countOf(alone)).toBe(1);
    expect(countOf(removed(alone, { name: 'a', step: 1 }, nameless))).toBe(1);
    expect([...valuesOf(alone)]).toEqual([{ name: 'a', step: 1 }]);
  });
});

describe('due queues', () => {
  test('a due queue gives its items back in the order they are due, whatever was added and removed', () => {
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

  test('a cleared due queue is empty, and forgets its entries', () => {
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

describe('deferreds', () => {
  test('a deferred settles as it is told', async () => {
    const [kept, broken] = [new Deferred<string>(), new Deferred<string>()];
    kept.resolve('kept');
    broken.reject(new Error('broken'));

    await expect(kept.promise).resolves.toBe('kept');
    await expect(broken.promise).rejects.toThrow('broken');
  });
});

test('an entry of a due queue that was cleared takes nothing out of it afterwards', () => {
  const queue = new DueQueue<string>();
  const entry = queue.add('before', 1);
  queue.clear();
  queue.add('after', 2);

  queue.remove(entry);

  expect(queue.takeDue(2)).toBe('after');
});

test('a due queue gives back what is due in the order of its time, whatever was taken out meanwhile', () => {
  const queue = new DueQueue<number>();
  const random = (() => {
    let state = 7;
    return () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
  })();
  const entries = Array.from({ length: 500 }, () => {
    const dueMs = Math.floor(random() * 200);
    return queue.add(dueMs, dueMs);
  });
  const removed = entries.filter(() => random() < 0.4);
  for (const entry of removed) {
    queue.remove(entry);
    queue.remove(entry);
  }

  const taken: number[] = [];
  expect(queue.takeDue(-1)).toBeUndefined();
  for (let due = queue.takeDue(150); due !== undefined; due = queue.takeDue(150)) taken.push(due);

  const expected = entries
    .filter((entry) => !removed.includes(entry) && entry.dueMs <= 150)
    .map(({ dueMs }) => dueMs)
    .sort((one, other) => one - other);
  expect(taken).toEqual(expected);
  expect(queue.firstDueMs).toBeGreaterThan(150);
  expect(queue.size).toBe(500 - removed.length - taken.length);
});
