/** The two numbers of the command line, read strictly: what is not plainly one is refused, never rounded or guessed. */

import { quoted, UsageError } from './usage-error.ts';

const seedMax = Number.MAX_SAFE_INTEGER;

/**
 * A decimal up to 2^53 - 1, or a commit hash. Forty digits are always a hash, also when none of them is a letter: a
 * decimal seed has sixteen at most.
 */
export function parseSeed(value: string): number {
  // 48 bits: the longest start of a hash in whole bytes that a double holds exactly.
  if (/^[0-9a-f]{40}$/i.test(value)) return Number.parseInt(value.slice(0, 12), 16);
  const seed = parseDigits(value);
  if (seed !== undefined) return seed;
  throw new UsageError(
    `--seed must be a decimal from 0 to ${seedMax} or exactly 40 hexadecimal digits, got ${quoted(value)}`,
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

function parseDigits(value: string): number | undefined {
  if (!/^[0-9]+$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
