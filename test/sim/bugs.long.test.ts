/** The hunt for every seeded bug: each is found, shrinks, and leaves a scenario that passes on the code that ships. */
import { describe, expect, test } from 'vitest';
import { scenarioNameOf } from '../../sim/systems/registry/bugs/bug.ts';
import { bugs, scenarios } from '../../sim/systems/registry/index.ts';
import { simulate } from '../../sim/systems/registry/simulate.ts';
import { hunt } from '../../tools/bugs/hunt.ts';

const seedsMax = 50;
const shrinkRunsMax = 40;

describe.each(bugs)('the seeded bug $name', (bug) => {
  const { name, caughtBy } = bug;

  test(`the seeded bug ${name} is caught by "${caughtBy}" within ${seedsMax} seeds before any other invariant, and shrinks`, async () => {
    const caught = await hunt(bug, seedsMax, shrinkRunsMax);

    expect(caught.wrongFailure).toBeUndefined();
    expect(caught.found?.passesWithout, `not caught in ${seedsMax} seeds`).toBe(true);
    const { seed = 0, actions = 0, faults = 0, from = 0 } = caught.found ?? {};
    expect(actions + faults).toBeLessThanOrEqual(from);

    const family = scenarios.find((candidate) => candidate.name === scenarioNameOf(bug));
    const make = family?.make ?? expect.unreachable('its scenario exists');
    const first = await simulate(make(seed, { bug: name }));
    const again = await simulate(make(seed, { bug: name }));
    expect(first.failure?.invariant).toBe(caughtBy);
    expect(again.failure).toEqual(first.failure);
    const shipped = await simulate(make(seed));
    expect(shipped.failure).toBeUndefined();
  });
});
