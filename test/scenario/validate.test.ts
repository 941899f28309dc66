import { describe, expect, test } from 'vitest';
import { defaultNetwork } from '../../sim/scenario/scenario.ts';
import { assertScenario, assertSimulation } from '../../sim/scenario/validate.ts';
import { run } from '../run/support.ts';

const valid = {
  format: 1 as const,
  name: 'test',
  seed: 1,
  network: defaultNetwork,
  actions: [{ atMs: 0, kind: 'a' }],
  faults: [{ atMs: 1_000, kind: 'kill' as const, host: 'a' }],
  durationMs: 1_000,
  settleMs: 0,
  settings: null,
};

test('a scenario that is one is let through', () => {
  expect(() => assertScenario(valid)).not.toThrow();
  expect(() => assertScenario({ ...valid, seed: Number.MAX_SAFE_INTEGER })).not.toThrow();
});

const network = (change: object) => ({ network: { ...defaultNetwork, ...change } });
const fault = (fields: object) => ({ faults: [{ atMs: 1, host: 'a', ...fields }] });

for (const [change, message] of [
  [{ format: 2 }, 'scenario.format must be 1, got 2'],
  [{ seed: -1 }, 'scenario.seed must be an integer from 0 to 2^53 - 1, got -1'],
  [{ seed: 2 ** 53 }, 'scenario.seed must be an integer from 0 to 2^53 - 1, got 9007199254740992'],
  [{ seed: '7' }, 'scenario.seed must be an integer from 0 to 2^53 - 1, got "7"'],
  [{ durationMs: 1.5 }, 'scenario.durationMs must be a whole number of milliseconds, got 1.5'],
  [{ settleMs: Number.NaN }, 'scenario.settleMs must be a whole number of milliseconds, got NaN'],
  [
    network({ latencyMs: { min: 5, max: 1 } }),
    'scenario.network.latencyMs must be whole numbers min <= max, from 0, got {"min":5,"max":1}',
  ],
  [
    network({ segmentBytes: { min: 0, max: 1 } }),
    'scenario.network.segmentBytes must be whole numbers min <= max, from 1, got {"min":0,"max":1}',
  ],
  [network({ latencyMs: undefined }), 'scenario.network.latencyMs must be whole numbers'],
  [
    network({ sendBufferBytes: 0 }),
    'scenario.network.sendBufferBytes must be a positive integer, got 0',
  ],
  [
    { actions: [valid.actions[0], { atMs: 1_001, kind: 'a' }] },
    'scenario.actions[1].atMs must be a whole number of milliseconds from 0 to durationMs (1000), got 1001',
  ],
  [
    { faults: [{ atMs: -1, kind: 'kill', host: 'a' }] },
    'scenario.faults[0].atMs must be a whole number of milliseconds from 0 to durationMs (1000), got -1',
  ],
  [
    { faults: [{ atMs: 1, kind: 'kill', host: 'a', restartAfterMs: -1 }] },
    'scenario.faults[0].restartAfterMs must be a whole number of milliseconds, got -1',
  ],
  [
    { faults: [{ atMs: 1, kind: 'refuse', host: 'a' }] },
    'scenario.faults[0].durationMs must be a whole number of milliseconds, got undefined',
  ],
  [{ faults: [{ atMs: 1, kind: 'reset' }] }, 'scenario.faults[0].host must be the name of a host'],
  [{ actions: [{ atMs: 1 }] }, 'scenario.actions[0].kind must be a name, got undefined'],
  [{ faults: [{ atMs: 1, kind: 'kil', host: 'a' }] }, 'scenario.faults[0].kind must be one of'],
  [
    fault({ kind: 'partition', direction: 'up', durationMs: 1 }),
    'scenario.faults[0].direction must be one of both, in, out, got "up"',
  ],
  [
    fault({ kind: 'partition', from: 'b', durationMs: 1 }),
    'scenario.faults[0].from must be a list of names of hosts, got "b"',
  ],
  [
    fault({ kind: 'partition', with: [1], durationMs: 1 }),
    'scenario.faults[0].with must be a list of names of hosts, got [1]',
  ],
  [
    fault({ kind: 'blackhole' }),
    'scenario.faults[0].durationMs must be a whole number of milliseconds, got undefined',
  ],
  [
    fault({ kind: 'clock-jump', byMs: 0.5 }),
    'scenario.faults[0].byMs must be a whole number of milliseconds, negative for back, got 0.5',
  ],
  [
    fault({ kind: 'clock-drift', ppm: 1_000_001, durationMs: 1 }),
    'scenario.faults[0].ppm must be a whole number from -1000000 to 1000000, got 1000001',
  ],
  [
    fault({ kind: 'refuse', durationMs: 1, duration: 1 }),
    'scenario.faults[0].duration must be one of kind, atMs, host, durationMs, got 1',
  ],
  [
    network({ latencyDistribution: 'normal' }),
    'scenario.network.latencyDistribution must be one of uniform, lognormal, heavy-tail, got "normal"',
  ],
  [
    network({ bandwidthBytesPerSecond: 0 }),
    'scenario.network.bandwidthBytesPerSecond must be a positive integer, got 0',
  ],
  [{ network: undefined }, 'scenario.network must be an object'],
  [{ actions: undefined }, 'scenario.actions must be a list'],
] as const) {
  test(`${Object.keys(change)}: ${message} is said`, () => {
    const scenario = { ...valid, ...change } as unknown as typeof valid;

    expect(() => assertScenario(scenario)).toThrow(message);
    expect(() => assertScenario(scenario)).toThrow(
      expect.objectContaining({ code: 'ERR_SIM_INVALID_SCENARIO' }),
    );
  });
}

test('a partition between hosts that the system does not have is refused', async () => {
  const partition = { kind: 'partition', atMs: 5, host: 'a', durationMs: 1 } as const;

  for (const groups of [{ with: ['b'] }, { from: ['b'] }]) {
    const refused = run({ a: () => {} }, { faults: [{ ...partition, ...groups }] });

    await expect(refused).rejects.toMatchObject({
      message: 'the scenario has no host named "b"',
    });
  }
});

test('a fault on a host that the system does not have is refused before anything runs', async () => {
  const booted: string[] = [];
  const faults = [{ kind: 'kill', atMs: 5, host: 'b' } as const];

  const refused = run({ a: () => void booted.push('a') }, { faults });

  await expect(refused).rejects.toMatchObject({
    code: 'ERR_SIM_INVALID_SCENARIO',
    message: 'the scenario has no host named "b"',
  });
  expect(booted).toEqual([]);
});

describe('what is simulated', () => {
  const nothing = () => {};
  const system = {
    setUp: nothing,
    perform: nothing,
    leave: nothing,
    faults: nothing,
    metrics: nothing,
  };
  const invariant = { name: 'a claim', when: 'settled', check: nothing };

  test('may be a system with its methods and invariants that are asked', () => {
    expect(() => assertSimulation(system, [invariant])).not.toThrow();
  });

  test.each([
    [
      { ...system, leave: undefined },
      [invariant],
      'system.leave must be a function, got undefined',
    ],
    [
      system,
      [{ ...invariant, when: 'setled' }],
      `invariants[0].when must be 'always' or 'settled', got "setled"`,
    ],
    [
      system,
      [invariant, { ...invariant, check: 1 }],
      'invariants[1].check must be a function, got number',
    ],
    [system, [{ ...invariant, name: '' }], 'invariants[0].name must be text, got ""'],
  ])(
    'case %# of a wrong system is refused with what is wrong with it',
    (given, invariants, message) => {
      expect(() => assertSimulation(given, invariants)).toThrow(message);
    },
  );
});
