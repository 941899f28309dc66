/** The numbers of the command line, read strictly: what is not plainly one is refused, never rounded or guessed. */

import type { Shard } from '../search/campaign/seed-plan.ts';
import { quoted, UsageError } from './usage-error.ts';

export const seedMax = Number.MAX_SAFE_INTEGER;

/**
 * A decimal up to 2^53 - 1, or a commit hash. Forty digits are always a hash, also when none of them is a letter: a
 * decimal seed has sixteen at most.
 */
export function parseSeed(value: string, option = '--seed'): number {
  // 48 bits: the longest start of a hash in whole bytes that a double holds exactly.
  if (/^[0-9a-f]{40}$/i.test(value)) return Number.parseInt(value.slice(0, 12), 16);
  const seed = parseDigits(value);
  if (seed !== undefined) return seed;
  throw new UsageError(
    `${option} must be a decimal from 0 to ${seedMax} or exactly 40 hexadecimal digits, got ${quoted(value)}`,
  );
}

/** How many seeds to run from `seed` on. The last of them must still be a seed. */
export function parseRuns(value: string, seed: number): number {
  const runs = parseDigits(value);
  if (runs === undefined || runs === 0) {
    throw new UsageError(`--runs must be a positive integer, got ${quoted(value)}`);
  }
  if (runs - 1 > seedMax - seed) {
    throw new UsageError(
      `--runs ${runs} from --seed ${seed} passes the last seed, ${seedMax}; at most ${seedMax - seed + 1} fit`,
    );
  }
  return runs;
}

/** Most runs that shrinking may take. */
export function parseShrinkRuns(value: string): number {
  const runs = parseDigits(value);
  if (runs !== undefined && runs > 0) return runs;
  throw new UsageError(`--shrink-runs must be a positive integer, got ${quoted(value)}`);
}

/** More worker threads than any machine has cores for, and few enough that a slip of the finger starts no thousands. */
const workersMax = 1_024;

/** How many worker threads make the runs; 0 for none, `auto` for as many as there are cores. */
export function parseWorkers(value: string): number | 'auto' {
  if (value === 'auto') return 'auto';
  const workers = parseDigits(value);
  if (workers !== undefined && workers <= workersMax) return workers;
  throw new UsageError(
    `--workers must be 'auto' or an integer from 0 to ${workersMax}, got ${quoted(value)}`,
  );
}

/** Most actions of a path, up to those whose numbers are seeds. */
export function parseDepth(value: string, most: number): number {
  const depth = parseDigits(value);
  if (depth !== undefined && depth >= 1 && depth <= most) return depth;
  throw new UsageError(`--depth must be an integer from 1 to ${most}, got ${quoted(value)}`);
}

/** `i/n`: part i of n, from 1 on. */
export function parseShard(value: string): Shard {
  const [first = '', second = '', ...rest] = value.split('/');
  const index = parseDigits(first);
  const count = parseDigits(second);
  if (rest.length === 0 && index !== undefined && count !== undefined) {
    if (index >= 1 && index <= count) return { index, count };
  }
  throw new UsageError(`--shard must be i/n with 1 <= i <= n, as 2/4, got ${quoted(value)}`);
}

/** Real minutes, as a decimal: `10`, `0.5`. */
export function parseMinutes(value: string): number {
  const minutes = /^[0-9]+(\.[0-9]+)?$/.test(value) ? Number(value) : 0;
  if (minutes > 0 && Number.isFinite(minutes)) return minutes;
  throw new UsageError(
    `--minutes must be a positive number of minutes, as 10 or 0.5, got ${quoted(value)}`,
  );
}

function parseDigits(value: string): number | undefined {
  if (!/^[0-9]+$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
