/**
 * The last words of `.ci/run`: the closing line of the test runner, and the same as plain figures, taken from the result
 * that Vitest itself wrote. Fails when a test failed, was skipped, or when the runner ended otherwise than well.
 *
 * Called as `test-summary.ts RESULT.json LOG STATUS`.
 */

import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { summarize } from './test-summary/summarize.ts';

const [resultPath = '', logPath = '', status = '1'] = process.argv.slice(2);
const log = stripVTControlCharacters(readFileSync(logPath, 'utf8'));
const summary = summarize(readResult(resultPath), log, Number(status));
for (const line of summary.lines) console.log(line);
process.exitCode = summary.isGreen ? 0 : 1;

/** Nothing when Vitest never came to write one. */
function readResult(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
