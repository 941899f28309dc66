/** Every scenario on more seeds, the states that they reach, and the shape of the default one. */
import { describe, expect, test } from 'vitest';
import { scenarios, sometimesOf } from '../../sim/systems/registry/index.ts';
import { simulate } from '../../sim/systems/registry/simulate.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/** A whole day takes a minute; day.test.ts runs a smaller one instead. */
const quick = scenarios.filter(({ name }) => name !== 'day');

test.each(quick)(
  'the scenario $name passes on seeds 1 to 8, every invariant asked',
  async ({ make }) => {
    for (const seed of seeds) {
      const outcome = await simulate(make(seed));

      expect(outcome.failure, `seed ${seed}`).toBeUndefined();
      expect(outcome.verdict).toBe('passed');
      expect(outcome.invariants.every(({ checks }) => checks > 0)).toBe(true);
    }
  },
);

describe('sometimes states', () => {
  /** As many as a campaign has that is not short. */
  const campaign = 200;

  test(`the default scenario reaches all of its sometimes states within ${campaign} seeds`, async () => {
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
    'the scenario $name reaches its sometimes states within 12 seeds',
    async ({ make, sometimes }) => {
      const reached = new Set<string>();
      for (let seed = 1; seed <= 12; seed++) {
        for (const state of Object.keys((await simulate(make(seed))).reached)) reached.add(state);
        if (sometimes.every((state) => reached.has(state))) break;
      }

      expect(sometimes.filter((state) => !reached.has(state))).toEqual([]);
    },
  );
});

describe('the default scenario', () => {
  test('the default scenario has a median of at least 30 connections, 500 events and 3 fault classes', async () => {
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
