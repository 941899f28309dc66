/** G15, as an equation: a run in which wall clocks jump is the run in which they do not. */
import { describe, expect, test } from 'vitest';
import { scenarios, simulate } from '../../sim/systems/registry/index.ts';

const family = familyOf('clock-jump');

function familyOf(name: string) {
  const found = scenarios.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

const seeds = Array.from({ length: 16 }, (_, index) => index + 1);

/** The same faults at the same times, but no clock is moved by them. */
function withoutJumps(scenario: ReturnType<typeof family.make>) {
  const faults = scenario.faults.map((fault) =>
    fault.kind === 'clock-jump' ? { ...fault, byMs: 0 } : fault,
  );
  return { ...scenario, faults };
}

describe('the wall clock of the server', () => {
  test('a jump of the wall clock of the server changes nothing: digest and outcome are the same', async () => {
    for (const seed of seeds) {
      const scenario = family.make(seed);
      const still = withoutJumps(scenario);

      expect(still).not.toEqual(scenario);
      expect(await simulate(scenario), `seed ${seed}`).toEqual(await simulate(still));
    }
  });

  test('the wall clock of the server jumps in several of the other scenarios', () => {
    const others = scenarios.filter(({ name }) => name !== 'clock-jump' && name !== 'day');
    const bases = seeds.map((seed) => {
      const { actions } = family.make(seed);
      return others.find((other) => other.make(seed).actions.length === actions.length)?.name;
    });

    expect(new Set(bases).size).toBeGreaterThanOrEqual(5);
  });

  test('a jump of the wall clock changes the digest of a registry that reads it', async () => {
    const differs = [];
    for (const seed of seeds) {
      const scenario = family.make(seed, { bug: 'wall-clock-expiry' });
      const jumped = await simulate(scenario);
      const still = await simulate(withoutJumps(scenario));
      if (jumped.digest !== still.digest) differs.push(seed);
    }

    expect(differs.length).toBeGreaterThan(0);
  });
});
