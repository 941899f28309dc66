/** Campaigns in worker threads, with a system that breaks a run where a test wants it: see `rogue-program.ts`. */

import type { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { wholeCampaign } from '../../sim/search/campaign/seed-plan.ts';
import { runSeedsInWorkers, type SeedRunsOptions } from '../../sim/search/campaign/seed-runner.ts';
import type { CampaignSource } from '../../sim/search/campaign/seed-runs.ts';
import type { Work } from '../../sim/search/pool/board.ts';
import { startWorker } from '../../sim/search/pool/start-worker.ts';
import type { SeedResult } from '../../sim/search/seed/determinism-check.ts';
import { system } from './bench-system.ts';
import { ended, start } from './start.ts';

const rogue = 'test/cli/rogue-program.ts';
const entry = new URL('./rogue-program.ts', import.meta.url).href;

function sourceOf(scenario: string, runs: number): CampaignSource {
  return {
    // Only a worker makes runs: it finds the system of this name in the list of its program.
    system: { ...system, name: 'rogue' },
    seed: 1,
    family: {
      name: scenario,
      description: '',
      make: () => {
        throw new Error('only a worker makes runs');
      },
    },
    shard: wholeCampaign,
    runs,
    checksAll: false,
  };
}

async function runPool(
  scenario: string,
  runs: number,
  changes: Partial<SeedRunsOptions> = {},
): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  await runSeedsInWorkers([sourceOf(scenario, runs)], {
    workers: 2,
    from: 0,
    onResult: (result) => results.push(result),
    isOver: () => false,
    startWorker: (work) => startWorker(entry, work),
    ...changes,
  });
  return results;
}

const seedsOf = (results: readonly SeedResult[]) => results.map(({ outcome }) => outcome.seed);
const seedsTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('a pool of worker threads', () => {
  test('a pool of worker threads makes every run once and gives them in order', async () => {
    const results = await runPool('calm', 1_500, { workers: 3 });

    expect(seedsOf(results)).toEqual(seedsTo(1_500));
    expect(results.every(({ outcome }) => outcome.verdict === 'passed')).toBe(true);
    expect(results[0]?.check).toBe('same');
  });

  test('a pool of worker threads begins no further run once it is over, and gives all that began', async () => {
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

  test('a pool of worker threads reports a run whose worker runs out of memory, and goes on', async () => {
    const results = await runPool('hoards-at-7', 20, {
      startWorker: (work) =>
        startWorker(entry, work, { resourceLimits: { maxOldGenerationSizeMb: 128 } }),
    });
    const broken = results.filter(({ outcome }) => outcome.verdict !== 'passed');

    expect(seedsOf(results)).toEqual(seedsTo(20));
    expect(seedsOf(broken)).toEqual([7]);
    expect(broken[0]?.outcome.failure?.detail).toMatch(/memory/);
  });

  test('a pool of worker threads ends a worker that stands still where nothing else can end it, and goes on', async () => {
    const results = await runPool('stands-still-at-7', 20, { looksMax: 10 });
    const broken = results.filter(({ outcome }) => outcome.verdict !== 'passed');

    expect(seedsOf(results)).toEqual(seedsTo(20));
    expect(seedsOf(broken)).toEqual([7]);
    expect(broken[0]?.outcome.failure?.detail).toBe(
      'Error: its thread gave no sign of life for 1 s and was ended',
    );
  });

  test('a pool of worker threads says so when no worker can start, instead of trying for ever', async () => {
    const nowhere = new URL('./nowhere.ts', import.meta.url).href;

    await expect(
      runPool('calm', 5, { startWorker: (work) => startWorker(nowhere, work) }),
    ).rejects.toThrow('nowhere.ts');
  });

  test('a pool of worker threads leaves no worker behind when a result cannot be taken', async () => {
    const workers: Worker[] = [];
    const begin = (work: Work): Worker => {
      const worker = startWorker(entry, work);
      workers.push(worker);
      return worker;
    };
    const onResult = (): never => {
      throw new Error('no room for it');
    };

    await expect(runPool('calm', 1_000_000, { onResult, startWorker: begin })).rejects.toThrow(
      'no room for it',
    );
    // A thread that has ended has no id any more.
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });
});

describe('a campaign', () => {
  test('a campaign gives one result, to the last byte, however many workers make it', async () => {
    const words = '--seed 40 --runs 8 --json --workers';
    const [here, ...others] = await Promise.all(
      [0, 2, 3].map((workers) => ended(start(`${words} ${workers}`))),
    );

    expect(here?.code).toBe(0);
    expect(JSON.parse(here?.out ?? '')).toMatchObject({ runs: 8, verdict: 'passed' });
    expect(others.map(({ out }) => out)).toEqual(Array(2).fill(here?.out));
  });

  test('a campaign exits with 3 when an unseeded chance gives one seed two runs', async () => {
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

  test('a campaign exits with 1 and names the seed at which the code under test wanted to end the process', async () => {
    const { code, out } = await ended(
      start('--seed 1 --runs 12 --workers 2 --scenario exits-at-7', rogue),
    );

    expect(code).toBe(1);
    expect(out).toContain('failed:     1 of 12, first seed 7\n');
    expect(out).toContain('detail:     SimulationError: process.exit() would leave the simulation');
    expect(out).toMatch(/replay: {5}npm run sim -- --seed 7 --scenario exits-at-7\n$/);
  });

  test('a campaign exits with 1 and has the same failures, however many workers make it', async () => {
    const words = '--seed 1 --runs 12 --scenario throws --json --workers';
    const [here, there] = await Promise.all([
      ended(start(`${words} 0`, rogue)),
      ended(start(`${words} 2`, rogue)),
    ]);

    expect(here.code).toBe(1);
    expect(JSON.parse(here.out)).toMatchObject({ failed: 6, failure: { seed: 1 } });
    expect(there).toEqual(here);
  });

  test('a campaign sums up the states that its runs reached in any worker', async () => {
    const { out } = await ended(start('--seed 1 --runs 9 --workers 2 --scenario calm', rogue));

    expect(out).toMatch(/^ +it was set up +9 +9$/m);
  });
});
