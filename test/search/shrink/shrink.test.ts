/** Shrinking by itself, around a system whose failures are stated in a line. */
import { describe, expect, test } from 'vitest';
import { engineInvariants } from '../../../sim/run/invariant.ts';
import type { Outcome } from '../../../sim/run/outcome.ts';
import type { ScenarioShape } from '../../../sim/run/scenario-shape.ts';
import { defaultNetwork, type Fault, type Scenario } from '../../../sim/scenario/scenario.ts';
import { type ShrinkOptions, shrink } from '../../../sim/search/shrink/shrink.ts';
import { outcomeOf } from './outcome-of.ts';

const scenarioShape: ScenarioShape = {
  ownersLabel: 'clients',
  check: () => {},
  bugOf: ({ settings }) => (settings as { readonly bug: string | null }).bug,
  withBug: (scenario, bug) => ({ ...scenario, settings: { bug } }),
  isExpectation: ({ kind }) => kind === 'expect',
  ownersOf: (step) => ('host' in step ? [String(step.host)] : []),
  tighterSettings: () => [],
  simplerActions: () => [],
  simplerSettings: () => [],
};

const kill = (atMs: number, host = 'a'): Fault => ({
  kind: 'kill',
  atMs,
  host,
  restartAfterMs: 4_711,
});

function scenarioWith(changes: Partial<Scenario> = {}, bug: string | null = null): Scenario {
  return {
    format: 1,
    name: 'made',
    seed: 1,
    network: { ...defaultNetwork, latencyMs: { min: 3, max: 80 }, sendBufferBytes: 2_048 },
    actions: Array.from({ length: 60 }, (_, index) => ({
      kind: index === 17 || index === 40 ? 'cause' : 'noise',
      atMs: 1_000 + 100 * index,
    })),
    faults: [kill(2_000), kill(3_000, 'b'), kill(4_000)],
    durationMs: 20_000,
    settleMs: 1_000,
    settings: { bug },
    ...changes,
  };
}

const causes = ({ actions }: Scenario) => actions.filter(({ kind }) => kind === 'cause').length;

/** Shrinks with a system that breaks the invariant which `broken` names, and counts its runs. */
async function shrunkBy(
  scenario: Scenario,
  broken: (scenario: Scenario) => string | undefined,
  options: Partial<ShrinkOptions> = {},
) {
  let runs = 0;
  const simulate = async (candidate: Scenario): Promise<Outcome> => {
    runs += 1;
    return outcomeOf(candidate, broken(candidate));
  };
  const first = await simulate(scenario);
  runs = 0;
  const shrunk = await shrink(scenario, first, { simulate, scenarioShape, ...options });
  return { ...shrunk, counted: runs };
}

describe('a scenario that fails', () => {
  test('a scenario that fails keeps what breaks its invariant and nothing else', async () => {
    const { scenario, ended, outcome, before, after } = await shrunkBy(scenarioWith(), (one) =>
      causes(one) >= 2 && one.faults.some(({ host }) => host === 'b') ? 'it holds' : undefined,
    );

    expect(scenario.actions).toEqual([
      { kind: 'cause', atMs: 0 },
      { kind: 'cause', atMs: 0 },
    ]);
    expect(scenario.faults).toEqual([{ kind: 'kill', atMs: 0, host: 'b' }]);
    expect(scenario.network).toEqual({ ...defaultNetwork, latencyMs: { min: 1, max: 1 } });
    expect(scenario.durationMs).toBe(0);
    expect(scenario.settleMs).toBe(1_000);
    expect(ended).toBe('nothing simpler fails');
    expect(outcome.failure?.invariant).toBe('it holds');
    expect(before).toEqual({ actions: 60, faults: 3, owners: 2, durationMs: 20_000 });
    expect(after).toEqual({ actions: 2, faults: 1, owners: 1, durationMs: 0 });
  });

  test('a scenario that fails never becomes one that breaks another invariant', async () => {
    const { scenario } = await shrunkBy(scenarioWith(), (one) =>
      one.actions.length < 10 ? 'something else' : causes(one) > 0 ? 'it holds' : undefined,
    );

    expect(scenario.actions).toHaveLength(10);
    expect(causes(scenario)).toBeGreaterThan(0);
  });

  test('a scenario that fails never becomes one in which another error is thrown', async () => {
    const crashed = (scenario: Scenario, text: string): Outcome => {
      const outcome = outcomeOf(scenario, 'no error is left uncaught', text);
      return { ...outcome, verdict: 'crashed', failure: { ...failureOf(outcome), stack: text } };
    };
    const simulate = async (one: Scenario) =>
      one.actions.length < 5
        ? crashed(one, 'TypeError: no list')
        : crashed(one, `RangeError: ada.${one.actions.length} is 7 too long`);
    const scenario = scenarioWith();
    const shrunk = await shrink(scenario, await simulate(scenario), { simulate, scenarioShape });

    expect(shrunk.scenario.actions).toHaveLength(5);
    expect(shrunk.outcome.failure?.detail).toContain('RangeError');
  });

  test('a scenario that fails gets the same result in the same number of runs each time', async () => {
    const broken = (one: Scenario) => (causes(one) >= 2 ? 'it holds' : undefined);

    expect(await shrunkBy(scenarioWith(), broken)).toEqual(await shrunkBy(scenarioWith(), broken));
  });

  test('a scenario that fails says which faults are needed, by what happens without each', async () => {
    const { causes: found } = await shrunkBy(scenarioWith(), (one) => {
      const hosts = one.faults.map(({ host }) => host);
      if (hosts.includes('a') && hosts.includes('b')) return 'it holds';
      return hosts.includes('b') ? 'something else' : undefined;
    });

    expect(found.map(({ fault, without }) => [fault.host, without])).toEqual([
      ['a', { broke: 'something else' }],
      ['b', { passed: true }],
    ]);
  });

  test('a scenario that passes is refused', async () => {
    await expect(shrunkBy(scenarioWith(), () => undefined)).rejects.toThrow(
      'a scenario that passes cannot be shrunk',
    );
  });

  test.each([engineInvariants.hang, engineInvariants.stopped])(
    'a scenario whose failure real time decides is left as it is (%s)',
    async (invariant) => {
      const { scenario, runs, ended } = await shrunkBy(scenarioWith(), () => invariant);

      expect(ended).toBe('real time decides whether it hangs');
      expect(runs).toBe(0);
      expect(scenario).toEqual(scenarioWith());
    },
  );
});

describe('the number of runs that shrinking makes', () => {
  const broken = (one: Scenario) => (causes(one) >= 2 ? 'it holds' : undefined);

  test.each([1, 2, 7, 25])(
    'the number of runs that shrinking makes is at most %i, and what is left still fails',
    async (runsMax) => {
      const { scenario, runs, counted, ended } = await shrunkBy(scenarioWith(), broken, {
        runsMax,
      });

      expect(counted).toBe(runs);
      expect(runs).toBeLessThanOrEqual(runsMax);
      expect(ended).toBe('the runs are used up');
      expect(broken(scenario)).toBe('it holds');
    },
  );

  test('the number of runs that shrinking makes is what was made when a caller interrupts', async () => {
    let asked = 0;
    const isStopped = () => {
      asked += 1;
      return asked > 5;
    };
    const { scenario, runs, ended } = await shrunkBy(scenarioWith(), broken, { isStopped });

    expect(ended).toBe('it was interrupted');
    expect(runs).toBe(5);
    expect(broken(scenario)).toBe('it holds');
  });
});

describe('a seeded bug', () => {
  test('a seeded bug stays the cause: what fails without it as well is not taken', async () => {
    // With fewer than twelve actions the code that ships fails too.
    const { scenario, isDueToBug } = await shrunkBy(scenarioWith({}, 'leak'), (one) =>
      scenarioShape.bugOf(one) === 'leak' || one.actions.length < 12 ? 'it holds' : undefined,
    );

    expect(isDueToBug).toBe(true);
    expect(scenario.actions).toHaveLength(12);
  });

  test('a seeded bug is not told apart where the code that ships fails from the start', async () => {
    const { scenario, isDueToBug } = await shrunkBy(scenarioWith({}, 'leak'), () => 'it holds');

    expect(isDueToBug).toBe(false);
    expect(scenario.actions).toHaveLength(0);
  });
});

describe('an expectation of a certain moment', () => {
  const withExpectations = scenarioWith({
    actions: [
      ...scenarioWith().actions,
      { kind: 'expect', atMs: 8_000 },
      { kind: 'expect', atMs: 9_000 },
    ],
  });
  const expectations = ({ actions }: Scenario) =>
    actions.filter(({ kind }) => kind === 'expect').map(({ atMs }) => atMs);

  test('an expectation of a certain moment goes first when another invariant breaks', async () => {
    const { scenario } = await shrunkBy(withExpectations, (one) =>
      causes(one) > 0 ? 'it holds' : undefined,
    );

    expect(expectations(scenario)).toEqual([]);
    expect(scenario.actions).toHaveLength(1);
  });

  test('an expectation of a certain moment keeps the rest whole when it is what broke: it is about all that came before', async () => {
    const { scenario, ended } = await shrunkBy(withExpectations, (one) =>
      expectations(one).includes(8_000) ? 'it goes as it must' : undefined,
    );

    expect(ended).toBe('what it expects is about all of it');
    expect(expectations(scenario)).toEqual([8_000]);
    expect(scenario.actions.filter(({ kind }) => kind !== 'expect')).toHaveLength(60);
  });
});

describe('the time of a shrunk scenario', () => {
  test('the time of a shrunk scenario is cut after the failure, and waiting that is not needed is taken out', async () => {
    const waits = (one: Scenario) => {
      const [first, second] = one.actions.filter(({ kind }) => kind === 'cause');
      return first && second && second.atMs - first.atMs >= 700 ? 'it holds' : undefined;
    };
    const { scenario } = await shrunkBy(scenarioWith(), waits);

    expect(scenario.actions.map(({ atMs }) => atMs)).toEqual([0, 1_000]);
    expect(scenario.durationMs).toBe(1_000);
  });
});

function failureOf({ failure }: Outcome) {
  return failure ?? expect.unreachable('it must fail');
}
