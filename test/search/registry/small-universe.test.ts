/** The small world of the registry: what it covers, and that its fingerprint sees what it must and no names. */
import { describe, expect, test } from 'vitest';
import { ExhaustiveSearch } from '../../../sim/search/exhaustive/exhaustive-search.ts';
import { seedOf } from '../../../sim/search/exhaustive/paths.ts';
import { simulate } from '../../../sim/systems/registry/simulate.ts';
import { small, smallUniverse } from '../../../sim/systems/registry/small-universe/index.ts';

const { letters } = smallUniverse;

function pathFrom(words: string): number[] {
  return words.split(', ').map((word) => letters.indexOf(word));
}

async function stateAfter(words: string): Promise<string> {
  const { state, failure } = await smallUniverse.walk(pathFrom(words), () => false);
  expect(failure).toBeUndefined();
  if (state === undefined) throw new Error(`no state after ${words}`);
  return state;
}

/** @param only Words of the letters that are tried; all when left out. */
async function searchTo(depth: number, bug?: string, only: readonly string[] = letters) {
  const search = new ExhaustiveSearch(depth);
  while (search.deepen() !== undefined) {
    for (const path of search.jobs) {
      const isKnown = (state: string) => search.known.has(state);
      const step = await smallUniverse.walk(path, isKnown, bug);
      const choices = step.choices.filter((letter) => only.includes(letters[letter] ?? ''));
      search.add({ ...step, choices });
    }
  }
  return search;
}

describe('the fingerprint of a state', () => {
  test.each([
    ['connect ada.1, connect ada.1', 'connect bob.2, connect bob.2'],
    ['connect ada.1, connect ada.2, acquire ada', 'connect bob.2, connect bob.1, acquire bob'],
    ['connect ada.1, acquire bob, drop ada.1', 'connect bob.1, acquire ada, drop bob.1'],
    ['connect ada.2, tick, close ada.2, crash', 'connect ada.1, tick, close ada.1, crash'],
  ])('the fingerprint of a state is the same for %s and for %s', async (one, other) => {
    expect(await stateAfter(one)).toBe(await stateAfter(other));
  });

  test.each([
    ['connect ada.1, acquire ada', 'connect ada.1, acquire bob'],
    ['connect ada.1, connect ada.2', 'connect ada.1, connect bob.1'],
    ['connect ada.1, tick, close ada.1', 'connect ada.1, tick, drop ada.1'],
    ['connect ada.1, tick', 'connect ada.1, tick, deafen ada.1'],
    ['tick', 'acquire ada'],
    ['connect ada.1, drop ada.1', 'connect ada.1, drop ada.1, tick, tick'],
  ])('the fingerprint of a state is not the same for %s and for %s', async (one, other) => {
    expect(await stateAfter(one)).not.toBe(await stateAfter(other));
  });

  test('the fingerprint of a state forgets what is over', async () => {
    expect(await stateAfter('connect ada.1, tick, close ada.1, tick, tick, tick')).toBe(
      await stateAfter('tick'),
    );
  });
});

describe('a path', () => {
  test('a path is a scenario in plain JSON, and its number brings it back', () => {
    const path = pathFrom('connect ada.1, crash, acquire bob, tick');
    const scenario = smallUniverse.scenarioOf(path);

    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
    expect(small.make(seedOf(path, letters.length))).toEqual(scenario);
  });

  test('a path of any seed passes', async () => {
    for (const seed of [0, 1, 4_711, 2 ** 48, Number.MAX_SAFE_INTEGER]) {
      expect((await simulate(small.make(seed))).failure, `seed ${seed}`).toBeUndefined();
    }
  });
});

describe('a search of the registry', () => {
  test('a search of the registry finds nothing up to 3 actions', async () => {
    const search = await searchTo(3);

    expect(search.failure).toBeUndefined();
    expect(search.levels.map(({ depth }) => depth)).toEqual([0, 1, 2, 3]);
    expect(search.states).toBeGreaterThan(100);
  });

  test('a search of the registry gives the same result again', async () => {
    const search = await searchTo(2);
    const again = await searchTo(2);

    expect(again.levels).toEqual(search.levels);
    expect(again.digest()).toBe(search.digest());
  });
});

describe('the bug that takes five actions', () => {
  const bug = 'flapping-forgotten';

  test('the bug that takes five actions is not met by four, whichever they are', async () => {
    const search = await searchTo(4, bug);

    expect(search.failure).toBeUndefined();
    expect(search.level.depth).toBe(4);
  });

  test('the bug that takes five actions is met by five, and the scenario shows it again', async () => {
    const search = await searchTo(5, bug, ['connect ada.1', 'close ada.1', 'drop ada.1', 'tick']);
    const path = search.failure?.path ?? [];

    expect(path).toEqual(
      pathFrom('connect ada.1, drop ada.1, connect ada.1, drop ada.1, connect ada.1'),
    );
    const again = await simulate(small.make(seedOf(path, letters.length), { bug }));
    expect(again.failure?.invariant).toBe('an empty manager is removed after its grace period');
    expect(again.failure?.detail).toBe(search.failure?.failure.detail);
    const shipped = await simulate(small.make(seedOf(path, letters.length)));
    expect(shipped.failure).toBeUndefined();
  });
});
