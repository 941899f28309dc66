/** The named scenarios, with their exact expectations. */
import { describe, expect, test } from 'vitest';
import { engineInvariants } from '../../sim/run/invariant.ts';
import { scenarios, sometimesOf } from '../../sim/systems/registry/index.ts';
import { simulate } from '../../sim/systems/registry/simulate.ts';

/** `LEAKTIGHT_SEEDS` and the long test run more. */
const seeds = Array.from(
  { length: Number(process.env.LEAKTIGHT_SEEDS ?? 2) },
  (_, index) => index + 1,
);

/** A whole day takes a minute; day.test.ts runs a smaller one instead. */
const quick = scenarios.filter(({ name }) => name !== 'day');

describe.each(quick)('scenario $name', ({ name, make }) => {
  test(`the scenario ${name} passes on seeds 1 to ${seeds.length}, every invariant asked`, async () => {
    for (const seed of seeds) {
      const outcome = await simulate(make(seed));

      expect(outcome.failure, `seed ${seed}`).toBeUndefined();
      expect(outcome.verdict).toBe('passed');
      expect(outcome.invariants.every(({ checks }) => checks > 0)).toBe(true);
    }
  });

  test(`a scenario of ${name} is plain JSON, and the same for the same seed`, () => {
    const scenario = make(7);

    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
    expect(make(7)).toEqual(scenario);
    expect(make(8)).not.toEqual(scenario);
  });
});

describe('expectations of named scenarios', () => {
  test.each(scenarios.filter(({ name }) => name !== 'swarm'))(
    'the scenario $name expects exact figures',
    ({ make }) => {
      const expectations = make(1).actions.filter(({ kind }) => kind === 'expect');

      expect(expectations.length).toBeGreaterThan(0);
    },
  );

  test.each([
    ['multi-tab', 'managers', 5, 4],
    ['cold-start', 'refused', 5, 6],
    ['cleanup-race', 'evicted', 10, 9],
    ['emergency', 'tab-open', 1, 0],
  ] as const)(
    'a wrong %s figure (%s %i instead of %i) is noticed',
    async (name, figure, right, wrong) => {
      const scenario = scenarios.find((family) => family.name === name)?.make(1);
      if (scenario === undefined) throw new Error(`no scenario ${name}`);
      const actions = scenario.actions.map((action) =>
        action.kind === 'expect' && action.figure === figure && action.least === right
          ? { ...action, least: wrong, most: wrong }
          : action,
      );

      const outcome = await simulate({ ...scenario, actions });

      expect(outcome.failure?.invariant).toBe('the expectations of the scenario hold');
    },
  );
});

test('the sometimes states of a scenario that is not known are none', () => {
  expect(sometimesOf('no-such-scenario')).toEqual([]);
});

test('the invariants of the engine have names of their own', () => {
  const names = Object.values(engineInvariants);

  expect(new Set(names).size).toBe(names.length);
});
