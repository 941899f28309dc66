/** Campaigns in threads, with a system that is rogue where a test wants it: see `rogue-program.ts`. */

import type { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { CampaignPlan } from '../../sim/cli/campaign-options.ts';
import { wholeCampaign } from '../../sim/search/campaign/seed-plan.ts';
import type { ThreadWork } from '../../sim/search/pool/board.ts';
import { startThread } from '../../sim/search/pool/start-worker.ts';
import { type PoolOptions, runInThreads } from '../../sim/search/pool/worker-pool.ts';
import type { SeedResult } from '../../sim/search/seed/determinism-check.ts';
import { ended, start } from './start.ts';

const rogue = 'test/cli/rogue-program.ts';
const entry = new URL('./rogue-program.ts', import.meta.url).href;

function planOf(scenario: string, runs: number): CampaignPlan {
  return {
    kind: 'campaign',
    seed: 1,
    family: {
      name: scenario,
      description: '',
      make: () => {
        throw new Error('only a thread makes runs');
      },
    },
    shard: wholeCampaign,
    runs,
    isCounted: true,
    isSeedGiven: true,
    checksAll: false,
    json: true,
  };
}

async function runPool(
  scenario: string,
  runs: number,
  changes: Partial<PoolOptions> = {},
): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  await runInThreads([planOf(scenario, runs)], {
    threads: 2,
    from: 0,
    onResult: (result) => results.push(result),
    isOver: () => false,
    startThread: (work) => startThread(entry, work),
    ...changes,
  });
  return results;
}

const seedsOf = (results: readonly SeedResult[]) => results.map(({ outcome }) => outcome.seed);
const seedsTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('a pool of threads', () => {
  test('makes every run once and gives them in order', async () => {
    const results = await runPool('calm', 1_500, { threads: 3 });

    expect(seedsOf(results)).toEqual(seedsTo(1_500));
    expect(results.every(({ outcome }) => outcome.verdict === 'passed')).toBe(true);
    expect(results[0]?.check).toBe('same');
  });

  test('begins no further run once it is over, and gives all that began', async () => {
    let count = 0;
    const results = await runPool('calm', 1_000_000, {
      onResult: () => {
        count += 1;
      },
      isOver: () => count >= 20,
    });

    expect(results).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(20);
    expect(count).toBeLessThan(1_000_000);
  });

  test('reports a run whose thread runs out of memory, and goes on', async () => {
    const results = await runPool('hoards-at-7', 20, {
      startThread: (work) =>
        startThread(entry, work, { resourceLimits: { maxOldGenerationSizeMb: 128 } }),
    });
    const broken = results.filter(({ outcome }) => outcome.verdict !== 'passed');

    expect(seedsOf(results)).toEqual(seedsTo(20));
    expect(seedsOf(broken)).toEqual([7]);
    expect(broken[0]?.outcome.failure?.detail).toMatch(/memory/);
  });

  test('ends a thread that stands still where nothing else can end it, and goes on', async () => {
    const results = await runPool('stands-still-at-7', 20, { looksMax: 10 });
    const broken = results.filter(({ outcome }) => outcome.verdict !== 'passed');

    expect(seedsOf(results)).toEqual(seedsTo(20));
    expect(seedsOf(broken)).toEqual([7]);
    expect(broken[0]?.outcome.failure?.detail).toBe(
      'Error: its thread gave no sign of life for 1 s and was ended',
    );
  });

  test('says so when no thread can start, instead of trying for ever', async () => {
    const nowhere = new URL('./nowhere.ts', import.meta.url).href;

    await expect(
      runPool('calm', 5, { startThread: (work) => startThread(nowhere, work) }),
    ).rejects.toThrow('nowhere.ts');
  });

  test('leaves no thread behind when a result cannot be taken', async () => {
    const threads: Worker[] = [];
    const begin = (work: ThreadWork): Worker => {
      const worker = startThread(entry, work);
      threads.push(worker);
      return worker;
    };
    const onResult = (): never => {
      throw new Error('no room for it');
    };

    await expect(runPool('calm', 1_000_000, { onResult, startThread: begin })).rejects.toThrow(
      'no room for it',
    );
    // A thread that has ended has no id any more.
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });
});

describe('a campaign', () => {
  test('gives one result, to the last byte, however many workers make it', async () => {
    const words = '--seed 40 --runs 8 --json --workers';
    const [here, ...others] = await Promise.all(
      [0, 2, 3].map((workers) => ended(start(`${words} ${workers}`))),
    );

    expect(here?.code).toBe(0);
    expect(JSON.parse(here?.out ?? '')).toMatchObject({ runs: 8, verdict: 'passed' });
    expect(others.map(({ out }) => out)).toEqual(Array(2).fill(here?.out));
  });

  test('exits with 3 when an unseeded chance gives one seed two runs', async () => {
    const { code, out } = await ended(
      start('--seed 1 --runs 3 --workers 2 --scenario unseeded --json', rogue),
    );

    expect(code).toBe(3);
    const json = JSON.parse(out);
    expect(json).toMatchObject({ verdict: 'diverged', failed: 0 });
    expect(json.determinism.divergences[0]).toMatchObject({ seed: 1, event: 3 });
    expect(json.determinism.divergences[0].first).toContain('"kind":"timer"');
    expect(json.determinism.divergences[0].first).not.toBe(json.determinism.divergences[0].second);
  });

  test('exits with 1 and names the seed at which the code under test wanted to end the process', async () => {
    const { code, out } = await ended(
      start('--seed 1 --runs 12 --workers 2 --scenario exits-at-7', rogue),
    );

    expect(code).toBe(1);
    expect(out).toContain('failed:     1 of 12, first seed 7\n');
    expect(out).toContain('detail:     SimulationError: process.exit() would leave the simulation');
    expect(out).toMatch(/replay: {5}npm run sim -- --seed 7 --scenario exits-at-7\n$/);
  });

  test('exits with 1 and has the same failures, however many workers make it', async () => {
    const words = '--seed 1 --runs 12 --scenario throws --json --workers';
    const [here, there] = await Promise.all([
      ended(start(`${words} 0`, rogue)),
      ended(start(`${words} 2`, rogue)),
    ]);

    expect(here.code).toBe(1);
    expect(JSON.parse(here.out)).toMatchObject({ failed: 6, failure: { seed: 1 } });
    expect(there).toEqual(here);
  });

  test('sums up the states that its runs reached in any thread', async () => {
    const { out } = await ended(start('--seed 1 --runs 9 --workers 2 --scenario calm', rogue));

    expect(out).toMatch(/^ +it was set up +9 +9$/m);
  });
});
