/** `simulate(scenario, { system })`: one scenario in, one `Run` out. */
import { expect, test } from 'vitest';
import { plainShape, type System, simulate } from '../../sim/index.ts';
import { defaultNetwork } from '../../sim/scenario/scenario.ts';

const scenario = {
  format: 1,
  name: 'one',
  seed: 1,
  network: defaultNetwork,
  actions: [{ atMs: 5, kind: 'act' }],
  faults: [],
  durationMs: 10,
  settleMs: 10,
  settings: null,
} as const;

let prepared = 0;

const system: System = {
  name: 'plain',
  description: 'Does nothing.',
  families: [{ name: 'one', description: 'one action', make: () => scenario }],
  shape: {
    ...plainShape,
    check: ({ name }) => {
      if (name !== 'one') throw new Error('the scenario must be one');
    },
  },
  oracles: [],
  figures: { rows: [], summary: [] },
  describe: () => [],
  prepare: async () => {
    prepared += 1;
    return {
      invariants: [],
      system: {
        setUp: (world) => void world.addHost('server', () => {}),
        perform: () => {},
        leave: () => {},
        faults: () => ({}),
        metrics: () => ({}),
      },
    };
  },
};

test('a run names its system and holds its scenario and its outcome', async () => {
  const run = await simulate(scenario, { system });

  expect(Object.keys(run)).toEqual(['system', 'scenario', 'outcome']);
  expect(run.system).toBe('plain');
  expect(run.scenario).toBe(scenario);
  expect(run.outcome).toMatchObject({ verdict: 'passed', seed: 1 });
});

test('a run has one record an event when its recording is asked for', async () => {
  const traced: unknown[] = [];
  const onTrace = (record: unknown) => void traced.push(record);
  const { outcome, recording } = await simulate(scenario, { system, records: true, onTrace });
  const { outcome: other } = await simulate(scenario, { system });

  expect(recording).toHaveLength(outcome.events);
  expect(recording).toEqual(traced);
  expect(other.digest).toBe(outcome.digest);
});

test('every run has hosts of its own', async () => {
  prepared = 0;
  await simulate(scenario, { system });
  await simulate(scenario, { system });

  expect(prepared).toBe(2);
});

test('a scenario that its system refuses is not run', async () => {
  await expect(simulate({ ...scenario, name: 'two' }, { system })).rejects.toThrow(
    'the scenario must be one',
  );
});
