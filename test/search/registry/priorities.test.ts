/** The default workload under schedules by priorities. */
import { expect, test } from 'vitest';
import { scenarios } from '../../../sim/systems/registry/index.ts';
import { simulate } from '../../../sim/systems/registry/simulate.ts';
import { priorities } from '../../../sim/systems/registry/small-universe/index.ts';

test('a scenario of priorities has the actions and faults of the swarm, as plain JSON', () => {
  const scenario = priorities.make(7);
  const swarm = scenarios.find(({ name }) => name === 'swarm')?.make(7);

  expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  expect(scenario.actions).toEqual(swarm?.actions);
  expect(scenario.faults).toEqual(swarm?.faults);
  expect(scenario.network.schedule).toMatchObject({ kind: 'priorities' });
  expect(swarm?.network.schedule).toBeUndefined();
});

test('the scenario of priorities passes on seeds 1 to 8, with every invariant checked', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const outcome = await simulate(priorities.make(seed));

    expect(outcome.failure, `seed ${seed}`).toBeUndefined();
    expect(outcome.invariants.every(({ checks }) => checks > 0)).toBe(true);
  }
});
