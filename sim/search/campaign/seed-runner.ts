/** The runs of campaigns in worker threads: the tasks of a worker, and its results. */

import type { Worker } from 'node:worker_threads';
import { referenceTo, type System, type SystemReference } from '../../run/system.ts';
import type { SimulateRun } from '../means.ts';
import type { Work } from '../pool/board.ts';
import type { Runner } from '../pool/worker.ts';
import { WorkerPool } from '../pool/worker-pool.ts';
import type { SeedResult } from '../seed/determinism-check.ts';
import { crashed } from '../seed/run-seed.ts';
import { campaignAt, type SeedPlan, seedAt } from './seed-plan.ts';
import { type CampaignSource, runIndex } from './seed-runs.ts';

/** Campaigns made one after the other: the index of a run continues from each to the next. Plain data. */
export interface SeedTask {
  readonly kind: 'seeds';
  readonly system: SystemReference;
  readonly campaigns: readonly SeedTaskCampaign[];
}

interface SeedTaskCampaign extends SeedPlan {
  readonly scenario: string;
  readonly bug?: string;
  readonly checksAll: boolean;
  readonly runs: number;
}

/** The result of such a task. */
export function seedRunner(
  { campaigns }: SeedTask,
  system: System,
  simulate: SimulateRun,
): Runner<SeedResult> {
  const sources = campaigns.map(({ scenario, ...campaign }): CampaignSource => {
    const family = system.families.find(({ name }) => name === scenario);
    if (family === undefined) throw new Error(`a worker was asked for scenario '${scenario}'`);
    return { ...campaign, system, family };
  });
  return {
    begin: () => {},
    run: (index) => {
      const { plan, index: own } = campaignAt(sources, index);
      return runIndex(plan, own, simulate);
    },
  };
}

export interface SeedRunsOptions {
  readonly workers: number;
  /** Index of the first run to make, counted through all campaigns. */
  readonly from: number;
  /** Called in order of index. */
  readonly onResult: (result: SeedResult) => void;
  /** Called often; once it returns true, no further run begins. */
  readonly isOver: () => boolean;
  readonly startWorker: (work: Work) => Worker;
  /** Checks without a sign of life after which a worker is ended; there are ten per second. @default 600 */
  readonly looksMax?: number;
}

/**
 * Makes the runs of one campaign, or of several of one system one after the other, with workers that are started once.
 * A worker that dies is replaced, and its run is a failure of its seed. Settles when every run that began has been
 * given
 * to `onResult`, and no worker is left.
 *
 * @throws {Error} when a worker cannot even start, or `onResult` throws.
 */
export async function runSeedsInWorkers(
  sources: readonly [CampaignSource, ...CampaignSource[]],
  { workers, startWorker, looksMax, ...round }: SeedRunsOptions,
): Promise<void> {
  const task: SeedTask = {
    kind: 'seeds',
    system: referenceTo(sources[0].system),
    campaigns: sources.map(({ seed, shard, family, bug, checksAll, runs }) => ({
      seed,
      shard,
      scenario: family.name,
      ...(bug === undefined ? {} : { bug }),
      checksAll,
      runs,
    })),
  };
  const pool = new WorkerPool<SeedResult>({
    workers,
    task,
    startWorker,
    ...(looksMax === undefined ? {} : { looksMax }),
    lost: (index, cause) => {
      const run = campaignAt(sources, index);
      return { outcome: crashed(run.plan, seedAt(run.plan, run.index), cause) };
    },
  });
  try {
    const until = sources.reduce((sum, { runs }) => sum + runs, 0);
    await pool.runRound({ ...round, until, data: null });
  } finally {
    await pool.end();
  }
}
