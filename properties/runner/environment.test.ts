import { afterEach, describe, expect, test, vi } from 'vitest';
import { modelProperty } from '../model/property.ts';
import { racesProperty } from '../races/property.ts';
import { scenarioProperty } from '../scenarios/property.ts';
import { upgradeProperty } from '../upgrade/property.ts';
import { runsFromEnvironment, seedFromEnvironment } from './environment.ts';
import { assertProperty } from './property.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Whatever this run of the tests itself was told. */
function stubEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of ['SEED', 'RUNS', 'PATH', 'COMMANDS', 'BUG']) {
    vi.stubEnv(`LEAKTIGHT_${name}`, variables[`LEAKTIGHT_${name}`]);
  }
}

describe('the environment', () => {
  test.each([
    [undefined, 42],
    ['7', 7],
    ['-7', -7],
    ['2147483648', -2_147_483_648],
    ['17179869185', 1],
    ['0000002affffffffffffffffffffffffffffffff', 42],
    ['FFFFFFFF00000000000000000000000000000000', -1],
  ])('LEAKTIGHT_SEED=%s is the seed %i', (text, seed) => {
    stubEnvironment(text === undefined ? {} : { LEAKTIGHT_SEED: text });

    expect(seedFromEnvironment()).toBe(seed);
  });

  test.each(['', 'abc', '1.5', '0x10', 'fffffff'])('LEAKTIGHT_SEED=%s is refused', (text) => {
    stubEnvironment({ LEAKTIGHT_SEED: text });

    expect(seedFromEnvironment).toThrow(
      `LEAKTIGHT_SEED must be an integer or a commit hash, got ${text}`,
    );
  });

  test('LEAKTIGHT_RUNS is how many runs there are, whatever a property would have', () => {
    stubEnvironment({});
    expect([runsFromEnvironment(), runsFromEnvironment(7)]).toEqual([100, 7]);

    stubEnvironment({ LEAKTIGHT_RUNS: '20' });
    expect([runsFromEnvironment(), runsFromEnvironment(7)]).toEqual([20, 20]);
  });

  test.each(['0', '-1', '1e3', ''])('LEAKTIGHT_RUNS=%s is refused', (text) => {
    stubEnvironment({ LEAKTIGHT_RUNS: text });

    expect(() => runsFromEnvironment()).toThrow(
      `LEAKTIGHT_RUNS must be a positive integer, got ${text}`,
    );
  });
});

describe('the command at the end of a report', () => {
  test.each([
    ['commands', () => assertProperty(modelProperty), 'tab-closes-thread'],
    ['a schedule', () => assertProperty(racesProperty), 'limit-check-then-act'],
    ['plain data', () => assertProperty(upgradeProperty), 'bound-for-each'],
    [
      'a scenario',
      () => assertProperty(scenarioProperty('no manager leaks', ({ failure }) => failure?.detail)),
      'issue-108',
    ],
  ])(
    'the command at the end of the report of %s shows the same counterexample again',
    async (_, claim, bug) => {
      stubEnvironment({ LEAKTIGHT_BUG: bug, LEAKTIGHT_SEED: '4711' });
      const report = await failureOf(claim);

      stubEnvironment(variablesIn(report));
      const again = await failureOf(claim);

      expect(linesOf(again)).toEqual(linesOf(report));
      expect(again).toContain('shrunk:    0 times, after 1 runs');
    },
  );
});

async function failureOf(claim: () => Promise<void>): Promise<string> {
  try {
    await claim();
  } catch (error) {
    return String(error);
  }
  return expect.unreachable('it holds');
}

function variablesIn(report: string): Readonly<Record<string, string>> {
  const [, command = ''] = report.split('  replay:    ');
  return Object.fromEntries(
    [...command.matchAll(/(LEAKTIGHT_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
}

/** All that a report says, but how often it was shrunk to come there. */
function linesOf(report: string): readonly string[] {
  return report.split('\n').filter((line) => !line.startsWith('  shrunk:'));
}
