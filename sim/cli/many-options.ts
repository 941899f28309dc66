/** More than one run, from checked options: a campaign over seeds, or an exhaustive search. */

import type { Commands } from '../report/commands.ts';
import type { CampaignPlan } from '../search/campaign/run-campaign.ts';
import { formatShard, runsOfShard, wholeCampaign } from '../search/campaign/seed-plan.ts';
import type { ExhaustivePlan } from '../search/exhaustive/path-runner.ts';
import { longestPath } from '../search/exhaustive/paths.ts';
import {
  parseDepth,
  parseMinutes,
  parseRuns,
  parseShard,
  parseWorkers,
  seedMax,
} from './numbers.ts';
import type { Options } from './options.ts';
import type { RunPlan } from './run-plan.ts';
import { quoted, UsageError } from './usage-error.ts';

export interface CampaignCommand extends RunPlan, CampaignPlan {
  readonly kind: 'campaign';
  /** As asked for. */
  readonly workers?: number | 'auto';
  /** Without a seed, a file that is gone on with brings its own. */
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

export interface ExhaustiveCommand extends Omit<ExhaustivePlan, 'workers'> {
  readonly kind: 'exhaustive';
  readonly workers: number | 'auto';
  readonly json: boolean;
  readonly commands: Commands;
}

const defaultDepth = 6;

/** What is about one seed, or about many: a search has no seed. */
const foreign = {
  seed: '--seed',
  runs: '--runs',
  minutes: '--minutes',
  shard: '--shard',
  resume: '--resume',
  trace: '--trace',
  checkDeterminism: '--check-determinism',
  shrink: '--shrink',
  requireSometimes: '--require-sometimes',
} as const satisfies Partial<Record<keyof Options, string>>;

/** The search that `options` ask for, or nothing when they ask for runs. */
export function exhaustiveCommand(
  options: Options,
  { system, bug, json, commands }: RunPlan,
): ExhaustiveCommand | undefined {
  const { smallUniverse: universe } = system;
  if (options.exhaustive === undefined) {
    if (options.depth === undefined) return undefined;
    throw new UsageError('--depth is for a search; give --exhaustive too');
  }
  if (universe === undefined) throw new UsageError('--exhaustive has nothing to search here');
  for (const [name, flag] of Object.entries(foreign)) {
    if (options[name as keyof typeof foreign] === undefined) continue;
    throw new UsageError(`${flag} is for runs by seed; leave it out with --exhaustive`);
  }
  const { depth, workers } = options;
  const depthMax = longestPath(universe.letters.length);
  return {
    kind: 'exhaustive',
    system,
    commands,
    universe,
    depth: depth === undefined ? defaultDepth : parseDepth(depth, depthMax),
    workers: workers === undefined ? 'auto' : parseWorkers(workers),
    json,
    ...(bug === undefined ? {} : { bug }),
  };
}
