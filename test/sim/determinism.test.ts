/** One seed gives one digest: after other runs, in another process and environment, and with the trace on. */
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
  test('the digest of seed 42 is the same as the first run of a process and after 10 other runs in it', async () => {
    const first = await digestOf(42);
    for (let seed = 1; seed <= 10; seed++) await digestOf(seed);

    expect(await digestOf(42)).toBe(first);
  });

  test('the digest of seed 42 is the same in another process with NODE_ENV=production and another time zone', async () => {
    const { stdout } = await run(
      process.execPath,
      ['--import', 'tsx', cli, '--seed', '42', '--json'],
      { env: { ...process.env, NODE_ENV: 'production', TZ: 'Pacific/Auckland' } },
    );

    expect(JSON.parse(stdout)).toMatchObject({
      seed: 42,
      verdict: 'passed',
      digest: await digestOf(42),
    });
  });

  test('the digest of seed 42 is not that of seed 43', async () => {
    expect(await digestOf(43)).not.toBe(await digestOf(42));
  });

  test('the digest of seed 42 does not depend on whether the trace has a listener', async () => {
    let records = 0;
    const traced = await simulate(swarm.make(42), { onTrace: () => records++ });

    expect(traced.digest).toBe(await digestOf(42));
    expect(records).toBe(traced.events);
  });

  test('the digest of seed 42 does not depend on how ticks and microtasks are drained', async () => {
    const byTurn = await simulate(swarm.make(42), { drain: 'by-turn' });

    expect(byTurn.digest).toBe(await digestOf(42));
  });
});
