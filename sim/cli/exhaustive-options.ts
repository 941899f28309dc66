/** An exhaustive search, from checked options: how deep, with what, in how many worker threads. */
import type { Commands } from '../report/commands.ts';
import type { ExhaustivePlan } from '../search/exhaustive/path-runner.ts';
import { longestPath } from '../search/exhaustive/paths.ts';
import { parseDepth, parseWorkers } from './numbers.ts';
import type { Options } from './options.ts';
import type { RunPlan } from './run-plan.ts';
import { UsageError } from './usage-error.ts';

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
