/** From the words of a command line to checked options. */

import { parseArgs } from 'node:util';
import { UsageError } from '../../sim/cli/usage-error.ts';

export interface VerifyOptions {
  readonly help: boolean;
  /** Worker threads; as many as there are cores when it is not given. */
  readonly workers?: number;
  /** JSON report of Stryker whose score the report names. */
  readonly mutationReport?: string;
}

export const usage = `npm run verify -- [options]
  --workers <n>             worker threads, from 1 to 64; the report is the same with any number
                            (default: one a core)
  --mutation-report <file>  names the score of this JSON report, which npm run mutation writes

Exit codes: 0 all held, 1 something failed, 2 wrong usage, 130 interrupted.`;

const workersMax = 64;

/** @throws {UsageError} with one line to print. */
export function parseOptions(args: readonly string[]): VerifyOptions {
  const { help, workers, 'mutation-report': mutationReport } = parse(args);
  return {
    help,
    ...(workers !== undefined && { workers: workersOf(workers) }),
    ...(mutationReport !== undefined && { mutationReport }),
  };
}

function workersOf(value: string): number {
  const count = /^[0-9]{1,9}$/.test(value) ? Number(value) : 0;
  if (count >= 1 && count <= workersMax) return count;
  throw new UsageError(`--workers must be an integer from 1 to ${workersMax}, got '${value}'`);
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        workers: { type: 'string' },
        'mutation-report': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n', 1)[0] ?? 'wrong usage');
  }
}
