/** An exhaustive search, from checked options: how deep, with what, in how many threads. */

import { longestPath, type SmallUniverse } from '../search/exhaustive/paths.ts';
import type { Lab } from './lab.ts';
import { parseDepth, parseWorkers } from './numbers.ts';
import type { Options } from './options.ts';
import type { RunPlan } from './parse-command.ts';
import { UsageError } from './usage-error.ts';

export interface ExhaustivePlan {
  readonly kind: 'exhaustive';
  readonly universe: SmallUniverse;
  /** Most actions of a path. */
  readonly depth: number;
  readonly bug?: string;
  readonly workers: number | 'auto';
  readonly json: boolean;
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
export function exhaustivePlan(
  options: Options,
  { bug, json }: RunPlan,
  { universe }: Lab,
): ExhaustivePlan | undefined {
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
    universe,
    depth: depth === undefined ? defaultDepth : parseDepth(depth, depthMax),
    workers: workers === undefined ? 'auto' : parseWorkers(workers),
    json,
    ...(bug === undefined ? {} : { bug }),
  };
}
