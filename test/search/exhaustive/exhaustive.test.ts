/** The search itself, in a universe that is known by heart. */
import { describe, expect, test } from 'vitest';
import type { SmallUniverse } from '../../../sim/run/small-universe.ts';
import { ExhaustiveSearch } from '../../../sim/search/exhaustive/exhaustive-search.ts';
import { longestPath, pathOf, seedOf } from '../../../sim/search/exhaustive/paths.ts';
import { run } from '../../cli/bench-system.ts';
import { toyUniverse } from './toy-universe.ts';

async function searchThrough(universe: SmallUniverse, depth: number): Promise<ExhaustiveSearch> {
  const search = new ExhaustiveSearch(depth);
  while (search.deepen() !== undefined) {
    for (const path of search.jobs) {
      search.add(await universe.walk(path, (state) => search.known.has(state)));
    }
  }
  return search;
}

describe('the number of a path', () => {
  test('the number of a path is another one for each path, with none left out', () => {
    const paths = Array.from({ length: 1 + 3 + 9 + 27 }, (_, seed) => pathOf(seed, 3));

    expect(new Set(paths.map((path) => path.join())).size).toBe(paths.length);
    expect(paths.every((path) => path.length <= 3)).toBe(true);
    expect(paths.map((path) => seedOf(path, 3))).toEqual(paths.map((_, seed) => seed));
  });

  test('the number of a path is a seed up to the longest path, and no further', () => {
    const last = (length: number) =>
      seedOf(
        Array.from({ length }, () => 21),
        22,
      );

    expect(longestPath(22)).toBe(11);
    expect(last(11)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    expect(last(12)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(pathOf(last(11), 22)).toEqual(Array.from({ length: 11 }, () => 21));
  });
});

describe('a search', () => {
  test('a search meets every state once, at the least number of actions that leads to it', async () => {
    const search = await searchThrough(toyUniverse(), 6);

    // A square of 4 by 4, from a corner: its diagonals.
    expect(search.levels.map(({ states }) => states)).toEqual([1, 2, 3, 4, 3, 2, 1]);
    expect(search.states).toBe(16);
  });

  test('a search goes on from a state once, however many paths come to it', async () => {
    const universe = toyUniverse();
    await searchThrough(universe, 6);

    expect(new Set(universe.walked).size).toBe(universe.walked.length);
    // Each of the 4 x 4 - 1 states that are gone on from has as many runs as neighbours; and the empty path.
    expect(universe.walked).toHaveLength(1 + 48 - 2);
  });

  test('a search ends by itself when nothing new comes up', async () => {
    const search = await searchThrough(toyUniverse({ most: 1 }), 11);

    expect(search.levels.map(({ states }) => states)).toEqual([1, 2, 1, 0]);
  });

  test('a search lets a run to a state of an earlier level end there, and no other', async () => {
    const search = await searchThrough(toyUniverse(), 2);

    expect(search.levels[2]).toEqual({ depth: 2, runs: 6, whole: 4, states: 3 });
  });

  test('a search finds a failure with the fewest actions, and none below', async () => {
    const below = await searchThrough(toyUniverse({ brokenAt: 2 }), 3);
    const there = await searchThrough(toyUniverse({ brokenAt: 2 }), 6);

    expect(below.failure).toBeUndefined();
    expect(there.failure?.path).toHaveLength(4);
    expect(there.failure?.path).toEqual([0, 0, 2, 2]);
  });
});

describe('--exhaustive', () => {
  const universe = toyUniverse();

  test('--exhaustive says what it covered, and under which conditions', async () => {
    const { status, out } = await run('--exhaustive --depth 4 --workers 0', {
      system: { smallUniverse: universe },
    });

    expect(status).toBe('held');
    expect(out).toMatch(/^PASSED depth=4 states=13 runs=\d+$/m);
    expect(out).toContain(
      'covered:    all sequences of up to 4 actions out of 4; complete for these actions at fixed latencies\n',
    );
    expect(out).toContain('modulo:     the fingerprint of a state');
  });

  test('--exhaustive has a failure as a path, as a scenario in JSON, and as a seed that brings it back', async () => {
    const { status, out } = await run('--exhaustive --workers 0 --json', {
      system: { smallUniverse: toyUniverse({ brokenAt: 1 }) },
    });
    const { verdict, failure, depth } = JSON.parse(out);

    expect(status).toBe('broke');
    expect({ verdict, depth }).toEqual({ verdict: 'failed', depth: 1 });
    expect(failure.actions).toEqual(['left up', 'right up']);
    expect(failure.story.actions).toHaveLength(2);
    expect(pathOf(failure.seed, 4)).toEqual([0, 2]);
    expect(failure.replay).toBe(`npm run sim -- --seed ${failure.seed} --scenario toy`);
  });

  test('--exhaustive reports what was done when it is interrupted', async () => {
    let interrupt = (): void => {};
    let turns = 0;
    const { status, out } = await run('--exhaustive --workers 0 --json', {
      system: { smallUniverse: toyUniverse({ most: 1_000 }) },
      io: {
        nowMs: () => (turns += 60),
        onInterrupt: (listener) => {
          interrupt = listener;
          return () => {};
        },
        turn: async () => {
          if (turns > 1_500) interrupt();
        },
      },
    });
    const json = JSON.parse(out);

    expect(status).toBe('interrupted');
    expect(json).toMatchObject({ interrupted: true, verdict: 'passed', depthAsked: 6 });
    expect(json.runs).toBeGreaterThan(0);
    expect(json.depth).toBe(json.levels.at(-1).depth - 1);
    expect(json.depth).toBeLessThan(6);
  });

  test.each([
    ['--exhaustive --seed 3', '--seed is for runs by seed; leave it out with --exhaustive'],
    ['--exhaustive --runs 3', '--runs is for runs by seed; leave it out with --exhaustive'],
    ['--exhaustive --depth 0', "--depth must be an integer from 1 to 26, got '0'"],
    ['--exhaustive --depth 27', "--depth must be an integer from 1 to 26, got '27'"],
    ['--exhaustive --workers x', "--workers must be 'auto' or an integer from 0 to 1024, got 'x'"],
    ['--depth 3', '--depth is for a search; give --exhaustive too'],
  ])('%s is refused', async (words, message) => {
    const { status, err } = await run(words, { system: { smallUniverse: universe } });

    expect(status).toBe('usage');
    expect(err).toBe(`error: ${message}\n`);
  });

  test('--exhaustive is refused where there is nothing to search', async () => {
    const { status, err } = await run('--exhaustive');

    expect(status).toBe('usage');
    expect(err).toBe('error: --exhaustive has nothing to search here\n');
  });
});
