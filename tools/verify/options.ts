/** From the words of a command line to checked options. */

import { parseArgs } from 'node:util';
import { UsageError } from '../../sim/cli/usage-error.ts';

export interface VerifyOptions {
  readonly help: boolean;
  /** Hold the report that is there against a part of what it says, and write nothing. */
  readonly check: boolean;
  /** Threads; as many as there are cores when it is not given. */
  readonly workers?: number;
}

export const usage = `npm run verify -- [options]
  --check        makes a part of it again, compares it with reports/verification.md, and writes nothing
  --workers <n>  threads, from 1 to 64; the report is the same with any number (default: one a core)

Exit codes: 0 all held, 1 something failed or the report is not what is found now, 2 wrong usage, 130 interrupted.`;

const workersMax = 64;

/** @throws {UsageError} with one line to print. */
export function parseOptions(args: readonly string[]): VerifyOptions {
  const { values } = parse(args);
  const { help, check, workers } = values;
  if (workers === undefined) return { help, check };
  const count = /^[0-9]{1,9}$/.test(workers) ? Number(workers) : 0;
  if (count >= 1 && count <= workersMax) return { help, check, workers: count };
  throw new UsageError(`--workers must be an integer from 1 to ${workersMax}, got '${workers}'`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        check: { type: 'boolean', default: false },
        workers: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n', 1)[0] ?? 'wrong usage');
  }
}
