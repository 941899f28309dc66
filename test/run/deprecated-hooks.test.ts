/** The hooks of a simulated system under the names that they had in 0.1.0. */
import { expect, test } from 'vitest';
import { type SimulatedSystem, simulateSystem } from '../../sim/index.ts';
import { defaultNetwork } from '../../sim/scenario/scenario.ts';

const scenario = {
  format: 1,
  name: 'hooks',
  seed: 1,
  network: defaultNetwork,
  actions: [{ atMs: 5, kind: 'act' }],
  faults: [],
  durationMs: 10,
  settleMs: 10,
  settings: null,
} as const;

const plain: SimulatedSystem = {
  setUp: (world) => void world.addHost('server', () => {}),
  perform: () => {},
  leave: () => {},
  faults: () => ({}),
  metrics: () => ({}),
};

async function callsOf(hooks: (call: (name: string) => void) => Partial<SimulatedSystem>) {
  const calls: string[] = [];
  const system = { ...plain, ...hooks((name) => calls.push(name)) };
  const { events } = await simulateSystem({ scenario, system, invariants: [] });
  return { calls, events };
}

test('a system with hooks under their old names has them called as before', async () => {
  const { calls, events } = await callsOf((call) => ({
    observe: () => call('before'),
    turnPage: () => call('after'),
    rest: () => call('last'),
  }));

  const pairs = Array.from({ length: events }, () => ['before', 'after']);
  expect(calls).toEqual([...pairs.flat(), 'last']);
});

test('a hook under its old name is not called where it has its new name too', async () => {
  const { calls } = await callsOf((call) => ({
    beforeChecks: () => call('new'),
    observe: () => call('old'),
    afterChecks: () => call('new'),
    turnPage: () => call('old'),
    beforeFinalCheck: () => call('new'),
    rest: () => call('old'),
  }));

  expect(new Set(calls)).toEqual(new Set(['new']));
});

test('a hook is called as a method of its system', async () => {
  let seen: unknown;
  const system: SimulatedSystem = {
    ...plain,
    observe() {
      seen = this;
    },
  };
  await simulateSystem({ scenario, system, invariants: [] });

  expect(seen).toBe(system);
});
