/** Many runs: prints the plan, the progress and the report. */
import { campaignJson } from '../report/campaign-json.ts';
import { campaignText } from '../report/campaign-report.ts';
import { readCheckpoint } from '../search/campaign/checkpoint.ts';
import { ResumeFileError } from '../search/campaign/resume-file.ts';
import { type CampaignResult, runCampaign } from '../search/campaign/run-campaign.ts';
import { formatShard, seedAt } from '../search/campaign/seed-plan.ts';
import { campaignVerdict } from '../search/campaign/verdict.ts';
import { type ExitStatus, type Io, print, printJson } from './io.ts';
import { type CampaignCommand, workersOf } from './many-options.ts';
import { makeProgress } from './progress.ts';
import { closeTrace, openTrace } from './trace.ts';
import { quoted, UsageError } from './usage-error.ts';

export async function runMany(asked: CampaignCommand, io: Io): Promise<ExitStatus> {
  const { plan, done } = orUsageError(asked, () => readCheckpoint(asked, io));
  const trace = openTrace(plan.trace, io);
  const workers = workersOf(plan, io.parallelism);
  let result: CampaignResult;
  try {
    result = await runCampaign(
      plan,
      {
        workers,
        done,
        files: io,
        onTrace: trace?.write,
        begin: (campaign) => {
          const { runs, failed, virtualMs } = campaign;
          if (!plan.json) print(io, headText(plan, runs, workers));
          return makeProgress(plan, { runs, failed, virtualMs }, io);
        },
      },
      io,
    );
  } catch (error) {
    throw usageErrorOf(error, plan);
  }
  const { totals, end, realMs, error } = result;
  const context = { figures: plan.system.figures, commands: plan.commands };
  if (plan.json) printJson(io, campaignJson(totals, end, context));
  else print(io, campaignText(totals, end, realMs, context));
  if (error !== undefined)
    io.err(`error: --resume ${quoted(plan.resume ?? '')} ${error.message}\n`);
  const status = statusOf(result);
  return closeTrace(
    trace,
    plan.trace,
    io,
    error !== undefined && status === 'held' ? 'usage' : status,
  );
}

function orUsageError<T>(plan: CampaignCommand, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw usageErrorOf(error, plan);
  }
}

/** A file of `--resume` that cannot be used is wrong usage, in one line. */
function usageErrorOf(error: unknown, { resume = '' }: CampaignCommand): unknown {
  if (!(error instanceof ResumeFileError)) return error;
  const { message, isContent, difference } = error;
  const what = difference === undefined ? '' : `: ${differenceText(difference)}`;
  const advice = isContent ? '; it was left as it is, give another file' : '';
  return new UsageError(
    `--resume ${quoted(resume)} ${message}${what}${advice}`.replaceAll('\n', ' '),
  );
}

function differenceText({ field, was, is }: NonNullable<ResumeFileError['difference']>): string {
  const option = field === 'checkDeterminism' ? '--check-determinism' : `--${field}`;
  return `${field === 'system' ? field : option} ${was}, asked for ${is}`;
}

function statusOf({ totals, end }: CampaignResult): ExitStatus {
  if (end.why === 'interrupted') return 'interrupted';
  const verdict = campaignVerdict(totals, end);
  if (verdict === 'diverged') return 'diverged';
  return verdict === 'passed' ? 'held' : 'broke';
}

function headText(plan: CampaignCommand, done: number, workers: number): string[] {
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
      ...(workers === 0 ? [] : [`${workers} worker${workers === 1 ? '' : 's'}`]),
      ...(done === 0 ? [] : [`resumed after ${done} runs`]),
    ].join(', '),
    '',
  ];
}
