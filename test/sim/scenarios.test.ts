/** The named scenarios, with their exact expectations, and the shape of the default one. */
import { describe, expect, test } from 'vitest';
import { engineInvariants } from '../../sim/run/invariant.ts';
import { scenarios, sometimesOf } from '../../sim/systems/registry/index.ts';
import { simulate } from '../../sim/systems/registry/simulate.ts';

/** `LEAKTIGHT_SEEDS` runs more. */
const seeds = Array.from(
  { length: Number(process.env.LEAKTIGHT_SEEDS ?? 8) },
  (_, index) => index + 1,
);

/** A whole day takes a minute, and has a smaller one in day.test.ts to stand for it. */
const quick = scenarios.filter(({ name }) => name !== 'day');

describe.each(quick)('scenario $name', ({ make }) => {
  test(`passes on seeds 1 to ${seeds.length}, every invariant asked`, async () => {
    for (const seed of seeds) {
      const outcome = await simulate(make(seed));

      expect(outcome.failure, `seed ${seed}`).toBeUndefined();
      expect(outcome.verdict).toBe('passed');
      expect(outcome.invariants.every(({ checks }) => checks > 0)).toBe(true);
    }
  });

  test('is plain JSON, and the same for the same seed', () => {
    const scenario = make(7);

    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
    expect(make(7)).toEqual(scenario);
    expect(make(8)).not.toEqual(scenario);
  });
});

describe('named scenarios have something to say', () => {
  test.each(scenarios.filter(({ name }) => name !== 'swarm'))(
    '$name expects exact figures',
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

      expect(outcome.failure?.invariant).toBe('the scenario goes as it must');
    },
  );
});

describe('states worth reaching', () => {
  /** As many as a campaign has that is not short. */
  const campaign = 200;

  test(`are all reached by the default scenario within ${campaign} seeds`, async () => {
    const swarm = scenarios[0] ?? expect.unreachable();
    const missing = new Set(sometimesOf('swarm'));
    expect(missing.size).toBeGreaterThan(45);
    for (let seed = 1; seed <= campaign && missing.size > 0; seed++) {
      for (const state of Object.keys((await simulate(swarm.make(seed))).reached))
        missing.delete(state);
    }

    expect([...missing]).toEqual([]);
  });

  test.each(quick.filter(({ name, sometimes }) => name !== 'swarm' && sometimes.length > 0))(
    'are reached by $name within 12 seeds',
    async ({ make, sometimes }) => {
      const reached = new Set<string>();
      for (let seed = 1; seed <= 12; seed++) {
        for (const state of Object.keys((await simulate(make(seed))).reached)) reached.add(state);
        if (sometimes.every((state) => reached.has(state))) break;
      }

      expect(sometimes.filter((state) => !reached.has(state))).toEqual([]);
    },
  );

  test('of a scenario that is not known are none', () => {
    expect(sometimesOf('no-such-scenario')).toEqual([]);
  });
});

describe('the default scenario', () => {
  test('has a median of at least 30 connections, 500 events and 3 fault classes', async () => {
    const swarm = scenarios[0];
    if (swarm?.name !== 'swarm') throw new Error('the first scenario is the default');
    const outcomes = [];
    for (let seed = 1; seed <= 41; seed++) outcomes.push(await simulate(swarm.make(seed)));

    const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[20];
    expect(median(outcomes.map(({ connections }) => connections))).toBeGreaterThanOrEqual(30);
    expect(median(outcomes.map(({ events }) => events))).toBeGreaterThanOrEqual(500);
    expect(median(outcomes.map(({ faults }) => Object.keys(faults).length))).toBeGreaterThanOrEqual(
      3,
    );
    expect(outcomes.some(({ metrics }) => (metrics.proactiveCleanups ?? 0) > 0)).toBe(true);
    expect(outcomes.some(({ metrics }) => (metrics.emergencyCleanups ?? 0) > 0)).toBe(true);
    expect(outcomes.some(({ metrics }) => (metrics.refused ?? 0) > 0)).toBe(true);
  });
});

test('the invariants of the engine have names of their own', () => {
  const names = Object.values(engineInvariants);

  expect(new Set(names).size).toBe(names.length);
});
