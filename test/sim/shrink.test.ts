/** Failures of the registry, shrunk: to what a person would write down, each time the same. */
import { describe, expect, test } from 'vitest';
import type { Scenario } from '../../sim/scenario/scenario.ts';
import { shrink } from '../../sim/search/shrink/shrink.ts';
import { scenarioShape, scenarios, simulate } from '../../sim/systems/registry/index.ts';
import type { RegistryScenario } from '../../sim/systems/registry/scenario.ts';

const run = (scenario: Scenario) => simulate(scenario as RegistryScenario, { watchdog: 'shared' });

function made(name: string, seed: number, bug?: string): RegistryScenario {
  const family = scenarios.find((candidate) => candidate.name === name);
  if (family === undefined) throw new Error(`there is no scenario ${name}`);
  return family.make(seed, bug === undefined ? {} : { bug });
}

async function shrunk(scenario: RegistryScenario) {
  return shrink(scenario, await run(scenario), { simulate: run, scenarioShape });
}

describe('issue-108, seed 1', () => {
  test('issue-108 with seed 1 shrinks to one client that connects and disconnects, the same each time', async () => {
    const scenario = made('swarm', 1, 'issue-108');
    const first = await shrunk(scenario);
    const second = await shrunk(scenario);

    expect(first.before.actions).toBeGreaterThan(100);
    expect(first.scenario.actions).toEqual([
      {
        kind: 'connect',
        atMs: 0,
        tab: expect.stringMatching(/^[a-z]+\.\d+$/),
        clientId: expect.stringMatching(/^client-of-[a-z]+\.\d+$/),
        threadId: null,
        connectionId: null,
        retry: false,
      },
    ]);
    expect(first.scenario.faults).toEqual([]);
    expect((first.scenario as RegistryScenario).settings.registry).toEqual({});
    expect(first.isDueToBug).toBe(true);
    expect(first.ended).toBe('nothing simpler fails');
    expect(second).toEqual(first);
  });
});

describe('a bug that takes a crowd', () => {
  test('a bug that takes many clients shrinks to fewer, and names the fault that it needs', async () => {
    // Twenty mute tabs and a new one.
    const scenario = made('emergency', 2, 'zombie-trusted');
    const { scenario: small, causes, outcome } = await shrunk(scenario);

    expect(scenario.actions.length).toBeGreaterThan(20);
    expect(small.actions.length).toBeLessThanOrEqual(4);
    expect(outcome.failure?.invariant).toBe('an emergency cleanup leaves no dead manager');
    for (const { without } of causes) expect(without).toEqual({ passed: true });
  });
});

describe('what a scenario expects', () => {
  test('shrinking does not break an expectation by removing what it is about', async () => {
    const scenario = made('multi-tab', 1);
    const expectation = { kind: 'expect', atMs: 3_000, figure: 'managers', user: 'ada' } as const;
    const wrong = {
      ...scenario,
      actions: [...scenario.actions, { ...expectation, least: 9, most: 9 }],
    };
    const { scenario: small, ended } = await shrunk(wrong);

    expect(ended).toBe('what it expects is about all of it');
    expect(small.actions.filter(({ kind }) => kind === 'connect')).toHaveLength(8);
    expect(small.actions.filter(({ kind }) => kind === 'expect')).toHaveLength(1);
  });
});

describe('leaving out one client', () => {
  test('removing one client draws nothing anew for the others, neither latency nor authentication times', async () => {
    const plain = made('multi-tab', 1);
    const users = ['ada', 'bob', 'cyd', 'dan'];
    const scenario: RegistryScenario = {
      ...plain,
      network: { ...plain.network, latencyMs: { min: 1, max: 80 } },
      actions: users.map((user) => ({
        kind: 'connect',
        atMs: 100,
        tab: `${user}.1`,
        clientId: `client-of-${user}`,
        threadId: null,
        connectionId: null,
        retry: false,
      })),
      settings: { ...plain.settings, authenticationMs: { min: 20, max: 400 } },
    };
    const whole = await openings(scenario);

    expect(new Set(Object.values(whole)).size).toBe(4);
    for (const left of users) {
      const fewer = await openings({
        ...scenario,
        actions: scenario.actions.filter((action) => action.tab !== `${left}.1`),
      });
      const { [`${left}.1`]: _, ...others } = whole;
      expect(fewer).toEqual(others);
    }
  });
});

/** When the first bytes of the server reached each tab, in virtual milliseconds. */
async function openings(scenario: RegistryScenario): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  await simulate(scenario, {
    onTrace: ({ kind, host, atMs }) => {
      if (kind === 'segment' && host !== undefined && host !== 'server') times[host] ??= atMs;
    },
  });
  return times;
}
