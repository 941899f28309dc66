/** Whether a failure is shrunk, and in how many runs, from checked options. */
import { defaultShrinkRuns } from '../search/shrink/shrink.ts';
import { parseShrinkRuns } from './numbers.ts';
import type { Options } from './options.ts';
import { UsageError } from './usage-error.ts';

const forMany = { runs: '--runs', minutes: '--minutes' } as const;

/**
 * Most runs that shrinking a failure may take, or nothing when none is shrunk.
 *
 * @throws {UsageError} when more than one run is asked for: each failure has a scenario of its own.
 */
export function shrinkRunsOf(options: Options): number | undefined {
  const { shrink, shrinkRuns } = options;
  if (shrink === undefined) {
    if (shrinkRuns === undefined) return undefined;
    throw new UsageError('--shrink-runs is for a failure that is shrunk; give --shrink too');
  }
  for (const [name, flag] of Object.entries(forMany)) {
    if (options[name as keyof typeof forMany] === undefined) continue;
    throw new UsageError(`--shrink is for one run; give the --seed of a failure without ${flag}`);
  }
  return shrinkRuns === undefined ? defaultShrinkRuns : parseShrinkRuns(shrinkRuns);
}
