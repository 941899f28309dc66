/** Many runs, in this thread or in workers, until all are made, the time is up, or it is interrupted. */
import { Interrupt, type Means, type Progress, runHere } from '../means.ts';
import type { SeedResult } from '../seed/determinism-check.ts';
import type { SeedOptions } from '../seed/run-seed.ts';
import { Campaign, type CampaignTotals } from './campaign.ts';
import { Checkpoint, type CheckpointFiles } from './checkpoint.ts';
import type { Done } from './resume-file.ts';
import { formatShard } from './seed-plan.ts';
import { runSeedsInWorkers } from './seed-runner.ts';
import { type CampaignSource, runIndex } from './seed-runs.ts';
import type { CampaignEnd } from './verdict.ts';

export interface CampaignPlan extends CampaignSource {
  /** Whether `runs` was asked for. */
  readonly isCounted: boolean;
  /** Real minutes after which no further run begins. */
  readonly minutes?: number;
  /** Path of the resume file. */
  readonly resume?: string;
  /** Whether a state that was never reached fails it; left out, the number of runs decides. */
  readonly requireSometimes?: boolean;
}

export interface CampaignOptions {
  /** Worker threads that make the runs; 0 when this thread does. */
  readonly workers: number;
  /** The progress of an earlier call. */
  readonly done: Done | undefined;
  readonly files: CheckpointFiles;
  readonly onTrace: SeedOptions['onTrace'];
  /** Called once, before the first run and when it can be interrupted already. */
  readonly begin: (campaign: Campaign) => Progress;
}

export interface CampaignResult {
  readonly totals: CampaignTotals;
  readonly end: CampaignEnd;
  /** Real milliseconds, including those of earlier calls. */
  readonly realMs: number;
  /** Why the resume file could not be written at the end. */
  readonly error: Error | undefined;
}

/** @throws {ResumeFileError} when that file cannot be written before the first run. */
export async function runCampaign(
  plan: CampaignPlan,
  { workers, done, files, onTrace, begin }: CampaignOptions,
  means: Means,
): Promise<CampaignResult> {
  const { seed, family, bug, shard } = plan;
  const name = {
    seed,
    scenario: family.name,
    ...(bug === undefined ? {} : { bug }),
    ...(shard.count === 1 ? {} : { shard: formatShard(shard) }),
  };
  const campaign = new Campaign(name, family.sometimes, done?.state);
  const startMs = means.nowMs();
  const realMs = (): number => (done?.realMs ?? 0) + means.nowMs() - startMs;
  const checkpoint = new Checkpoint(plan, files, campaign, realMs());
  const untilMs = startMs + (plan.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const interrupt = new Interrupt(means);
  const isOver = (): boolean => interrupt.isRequested || means.nowMs() >= untilMs;
  const progress = begin(campaign);
  const onResult = ({ outcome, check }: SeedResult): void => {
    campaign.add(outcome, check);
    progress.advance(campaign);
    checkpoint.advance(campaign, realMs());
  };
  try {
    const round = { from: campaign.runs, until: plan.runs, onResult, isOver };
    if (round.from < plan.runs && workers > 0) {
      const startWorker: Means['startWorker'] = (work) => means.startWorker(work);
      await runSeedsInWorkers([plan], { ...round, workers, startWorker });
    } else {
      await runHere(round, (index) => runIndex(plan, index, means.simulate, onTrace), means);
    }
  } finally {
    // Whatever happens, the terminal gets its cursor back.
    progress.stop();
    interrupt.off();
  }
  const error = checkpoint.write(campaign, realMs());
  const totals = campaign.totals();
  const end = endOf(plan, totals.runs, interrupt.isRequested);
  return { totals, end, realMs: realMs(), error };
}

function endOf(plan: CampaignPlan, runs: number, isInterrupted: boolean): CampaignEnd {
  const { runs: runsAsked, isCounted, minutes, requireSometimes } = plan;
  return {
    why: runs >= runsAsked ? 'done' : isInterrupted ? 'interrupted' : 'time-up',
    ...(isCounted ? { runsAsked } : {}),
    ...(minutes === undefined ? {} : { minutes }),
    ...(requireSometimes === undefined ? {} : { requireSometimes }),
  };
}
