/** One seed gives one outcome: for every scenario, in every environment, and after many other runs. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { scenarios, simulate } from '../../sim/systems/registry/index.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../sim/cli.ts', import.meta.url));

const swarm = scenarios[0];
if (swarm === undefined) throw new Error('there is no default scenario');
const digestOf = async (seed: number) => (await simulate(swarm.make(seed))).digest;

describe('the digest of seed 42', () => {
  test('the digest of seed 42 is the same as the first run of a process and after 100 other runs in it', async () => {
    const first = await digestOf(42);
    for (let seed = 1; seed <= 100; seed++) await digestOf(seed);

    expect(await digestOf(42)).toBe(first);
  });

  test('the digest of seed 42 is the same in another process', async () => {
    const here = await digestOf(42);

    const { stdout } = await run(process.execPath, [
      '--import',
      'tsx',
      cli,
      '--seed',
      '42',
      '--json',
    ]);

    expect(JSON.parse(stdout)).toMatchObject({ seed: 42, verdict: 'passed', digest: here });
  });

  test.each(['production', 'test', 'development'])(
    'the digest of seed 42 is the same with NODE_ENV=%s',
    async (environment) => {
      const { stdout } = await run(
        process.execPath,
        ['--import', 'tsx', cli, '--seed', '42', '--json'],
        { env: { ...process.env, NODE_ENV: environment, TZ: 'Pacific/Auckland' } },
      );

      expect(JSON.parse(stdout)).toMatchObject({ digest: await digestOf(42) });
    },
  );
});

describe('every named scenario', () => {
  // A day has a test of its own, with a smaller one.
  test.each(scenarios.filter(({ name }) => name !== 'day'))(
    'the scenario $name gives one outcome for one seed',
    async ({ make }) => {
      const first = await simulate(make(5));
      const second = await simulate(make(5));

      expect(second).toEqual(first);
    },
  );
});
