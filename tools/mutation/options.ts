/** What `npm run mutation` was asked for. Pure. */

import { parseArgs } from 'node:util';

export const usage = `npm run mutation -- [options]
  --minutes <n>      ends after so many minutes; the next run goes on from there (default: 60)
  --only <file>      this file of src/ alone, e.g. src/delivery/outbox.ts; may be given several times
  --concurrency <n>  processes that run tests (default: 2)
  --fresh            everything in them anew, also what was noticed before
  --help             prints this`;

export interface MutationOptions {
  readonly minutes: number;
  /** Files to be measured, whether or not they or tests have changed; all of which one has when empty. */
  readonly only: readonly string[];
  readonly concurrency: number;
  readonly isFresh: boolean;
  readonly wantsHelp: boolean;
}

/** Or what is wrong with them. */
export function readOptions(
  words: readonly string[],
  sources: readonly string[],
): MutationOptions | string {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(words);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 1_440)) {
    return `--minutes must be a number above 0 and at most 1440, got '${values.minutes}'`;
  }
  if (!/^[1-9]\d?$/.test(values.concurrency)) {
    return `--concurrency must be an integer from 1 to 99, got '${values.concurrency}'`;
  }
  const only = values.only.map((name) => name.replace(/^\.\//, ''));
  const stranger = only.find((name) => !sources.includes(name));
  if (stranger !== undefined) return `--only '${stranger}' is no file of src/`;
  return {
    minutes,
    only,
    concurrency: Number(values.concurrency),
    isFresh: values.fresh,
    wantsHelp: values.help,
  };
}

function parse(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      minutes: { type: 'string', default: '60' },
      only: { type: 'string', multiple: true, default: [] },
      concurrency: { type: 'string', default: '2' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return values;
}
