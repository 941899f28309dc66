/** Makes a campaign from checked options: its seeds, its end and its workers. */
import type { CampaignPlan } from '../search/campaign/run-campaign.ts';
import { formatShard, runsOfShard, wholeCampaign } from '../search/campaign/seed-plan.ts';
import { parseMinutes, parseRuns, parseShard, parseWorkers, seedMax } from './numbers.ts';
import type { Options } from './options.ts';
import type { RunPlan } from './run-plan.ts';
import { quoted, UsageError } from './usage-error.ts';

export interface CampaignCommand extends RunPlan, CampaignPlan {
  readonly kind: 'campaign';
  /** As asked for. */
  readonly workers?: number | 'auto';
  /** Without a seed, a resume file supplies its own. */
  readonly isSeedGiven: boolean;
}

/** Runs beyond which worker threads are worth their start. */
const runsInOneThreadMax = 50;

/** The campaign that `options` ask for, or nothing when they ask for a single run. */
export function campaignCommand(options: Options, plan: RunPlan): CampaignCommand | undefined {
  const { resume, requireSometimes } = options;
  const minutes = options.minutes === undefined ? undefined : parseMinutes(options.minutes);
  const asked = options.runs === undefined ? undefined : parseRuns(options.runs, plan.seed);
  const workers = options.workers === undefined ? undefined : parseWorkers(options.workers);
  const shard = options.shard === undefined ? wholeCampaign : parseShard(options.shard);
  if (asked === undefined && minutes === undefined) {
    refuseAlone(options);
    return undefined;
  }
  const runs = runsOfShard(shard, asked ?? seedMax - plan.seed + 1);
  if (runs === 0) {
    throw new UsageError(`--shard ${formatShard(shard)} has none of the runs; give more --runs`);
  }
  refuseTrace(options, runs, workers);
  return {
    ...plan,
    kind: 'campaign',
    shard,
    runs,
    isCounted: asked !== undefined,
    isSeedGiven: options.seed !== undefined,
    ...(minutes === undefined ? {} : { minutes }),
    ...(workers === undefined ? {} : { workers }),
    ...(resume === undefined ? {} : { resume }),
    ...(requireSometimes === undefined ? {} : { requireSometimes }),
  };
}

/** How many worker threads make the runs; 0 when this thread does. */
export function workersOf({ workers, runs, trace }: CampaignCommand, parallelism: number): number {
  const asked = workers ?? (runs > runsInOneThreadMax && trace === undefined ? 'auto' : 0);
  return Math.min(asked === 'auto' ? parallelism : asked, runs);
}

function refuseAlone({ workers, shard, resume, requireSometimes }: Options): void {
  const given = [
    ...(workers === undefined ? [] : ['--workers']),
    ...(shard === undefined ? [] : ['--shard']),
    ...(resume === undefined ? [] : ['--resume']),
    ...(requireSometimes === undefined ? [] : [requireSometimesFlag(requireSometimes)]),
  ];
  const [first] = given;
  if (first === undefined) return;
  throw new UsageError(`${first} is for many runs; give --runs or --minutes too`);
}

function requireSometimesFlag(value: boolean): string {
  return value ? '--require-sometimes' : '--no-require-sometimes';
}

function refuseTrace(
  { trace, runs: runsText, minutes, resume }: Options,
  runs: number,
  workers: number | 'auto' | undefined,
): void {
  if (trace === undefined) return;
  const holds = `--trace ${quoted(trace)} holds one run`;
  if (runs > 1) {
    const got = runsText === undefined ? `--minutes ${minutes}` : `--runs ${runsText}`;
    throw new UsageError(`${holds}, got ${got}; give the --seed of that run alone`);
  }
  if (workers !== undefined && workers !== 0) {
    throw new UsageError(`${holds}, made in this thread; leave --workers out`);
  }
  if (resume !== undefined) {
    throw new UsageError(`${holds}, which cannot be gone on with; leave --resume out`);
  }
}
