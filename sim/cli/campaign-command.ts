/** Many runs, in this thread or in others, until all are made, the time is up, or somebody interrupts. */

import { campaignJson, campaignText } from '../report/campaign-report.ts';
import { Campaign } from '../search/campaign/campaign.ts';
import { Checkpoint, readCheckpoint } from '../search/campaign/checkpoint.ts';
import { formatShard, seedAt } from '../search/campaign/seed-plan.ts';
import { type CampaignEnd, campaignVerdict } from '../search/campaign/verdict.ts';
import { runIndex } from '../search/pool/worker.ts';
import { runInThreads } from '../search/pool/worker-pool.ts';
import type { SeedResult } from '../search/seed/determinism-check.ts';
import { type CampaignPlan, workersOf } from './campaign-options.ts';
import type { Ending } from './exit-status.ts';
import type { Io } from './io.ts';
import type { Lab } from './lab.ts';
import { print, printJson } from './print.ts';
import { makeProgress, type Standing } from './progress.ts';
import { closeTrace, openTrace } from './trace.ts';

/** How long a campaign may keep Ctrl-C waiting, in real milliseconds. */
const msBetweenTurns = 50;

export async function runCampaign(asked: CampaignPlan, io: Io, lab: Lab): Promise<Ending> {
  const { plan, done } = readCheckpoint(asked, io);
  const { seed, family, bug, json } = plan;
  const trace = openTrace(plan.trace, io);
  const name = {
    seed,
    scenario: family.name,
    ...(bug === undefined ? {} : { bug }),
    ...(plan.shard.count === 1 ? {} : { shard: formatShard(plan.shard) }),
  };
  const campaign = new Campaign(name, family.sometimes, done?.state);
  const startMs = io.nowMs();
  const realMs = (): number => (done?.realMs ?? 0) + io.nowMs() - startMs;
  const checkpoint = new Checkpoint(plan, io, campaign, realMs());
  const untilMs = startMs + (plan.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  let isInterrupted = false;
  const isOver = (): boolean => isInterrupted || io.nowMs() >= untilMs;
  const offInterrupt = io.onInterrupt(() => {
    isInterrupted = true;
  });
  const threads = workersOf(plan, io.parallelism);
  // Only now: whoever reads that it runs may interrupt it.
  if (!json) print(io, headText(plan, campaign.runs, threads));
  const progress = makeProgress(plan, standingOf(campaign), io);
  const onResult = ({ outcome, check }: SeedResult): void => {
    campaign.add(outcome, check);
    progress.advance(campaign);
    checkpoint.advance(campaign, realMs());
  };
  try {
    const from = campaign.runs;
    const { startThread } = io;
    if (from < plan.runs && threads > 0) {
      await runInThreads([plan], { threads, from, onResult, isOver, startThread });
    } else {
      await runHere(plan, { from, onResult, isOver, io, lab, onTrace: trace?.write });
    }
  } finally {
    // Whatever happens, the terminal gets its cursor back.
    progress.stop();
    offInterrupt();
  }

  const error = checkpoint.write(campaign, realMs());
  const totals = campaign.totals();
  const end = endOf(plan, totals.runs, isInterrupted);
  if (json) printJson(io, campaignJson(totals, end));
  else print(io, campaignText(totals, end, realMs()));
  if (error !== undefined) io.err(`error: ${error.message}\n`);
  const ending = endingOf(campaignVerdict(totals, end), end);
  const kept = error !== undefined && ending === 'held' ? 'usage' : ending;
  return closeTrace(trace, plan.trace, io, kept);
}

function standingOf({ runs, failed, virtualMs }: Campaign): Standing {
  return { runs, failed, virtualMs };
}

interface HereOptions {
  readonly from: number;
  readonly onResult: (result: SeedResult) => void;
  readonly isOver: () => boolean;
  readonly io: Io;
  readonly lab: Lab;
  readonly onTrace: ((record: object) => void) | undefined;
}

async function runHere(plan: CampaignPlan, options: HereOptions): Promise<void> {
  const { from, onResult, isOver, io, lab, onTrace } = options;
  let lastTurnMs = io.nowMs();
  for (let index = from; index < plan.runs && !isOver(); index += 1) {
    onResult(await runIndex(plan, plan, index, lab, onTrace));
    if (io.nowMs() - lastTurnMs < msBetweenTurns) continue;
    await io.turn();
    lastTurnMs = io.nowMs();
  }
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

function endingOf(verdict: ReturnType<typeof campaignVerdict>, { why }: CampaignEnd): Ending {
  if (why === 'interrupted') return 'interrupted';
  if (verdict === 'diverged') return 'diverged';
  return verdict === 'passed' ? 'held' : 'broke';
}

function headText(plan: CampaignPlan, done: number, threads: number): string[] {
  const { seed, runs, family, bug, minutes, shard, isCounted } = plan;
  const first = seedAt(plan, 0);
  const step = shard.count === 1 ? '' : ` in steps of ${shard.count}`;
  const range = isCounted ? `${first} to ${seedAt(plan, runs - 1)}` : `from ${first} on`;
  return [
    [
      `seeds ${range}${step}`,
      `scenario ${family.name}`,
      ...(bug === undefined ? [] : [`bug ${bug}`]),
      ...(shard.count === 1 ? [] : [`shard ${formatShard(shard)} of the campaign from ${seed} on`]),
      ...(minutes === undefined ? [] : [`for ${minutes} min`]),
      ...(threads === 0 ? [] : [`${threads} worker${threads === 1 ? '' : 's'}`]),
      ...(done === 0 ? [] : [`resumed after ${done} runs`]),
    ].join(', '),
    '',
  ];
}
