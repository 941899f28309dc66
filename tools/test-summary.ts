/**
 * The last line of `.ci/run`: `N passed, N failed`, counted over result files of Vitest's JSON reporter. Fails when a test
 * failed or was skipped, when a result is missing, and when no test ran.
 *
 * Called as `test-summary.ts [--status N] RESULT.json [RESULT2.json ...]`. The exit status of the runs, when it is given,
 * counts an error outside of all tests, which no result file holds.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What is read of a result. Vitest writes more. */
export interface TestResult {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Summary {
  readonly line: string;
  readonly isGreen: boolean;
}

/**
 * @param results `undefined` stands for a run that wrote none: it counts as one failure.
 * @param exitStatus Of the runs. Where it is not 0 and no test failed, it counts as one failure.
 */
export function summarize(results: readonly (TestResult | undefined)[], exitStatus = 0): Summary {
  const files = results.flatMap((result) => result?.testResults ?? []);
  const statuses = files.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const passed = count(statuses, 'passed');
  const failed = count(statuses, 'failed');
  const skipped = statuses.length - passed - failed;
  const missing = results.filter((result) => result === undefined).length;

  const known = failed + missing + files.filter(isBroken).length;
  const failures = known === 0 && exitStatus !== 0 ? 1 : known;
  const skips = skipped === 0 ? '' : `, ${skipped} skipped`;
  return {
    line: `${passed} passed, ${failures} failed${skips}`,
    isGreen: failures === 0 && skipped === 0 && passed > 0,
  };
}

/** A file that failed without a failed test could not be loaded. */
function isBroken({ status, assertionResults }: TestResult['testResults'][number]): boolean {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
}

function count(statuses: readonly string[], wanted: string): number {
  return statuses.filter((status) => status === wanted).length;
}

/** A run that was cut off has written nothing, or no whole JSON. */
function readResult(path: string): TestResult | undefined {
  try {
    const result = JSON.parse(readFileSync(path, 'utf8')) as Partial<TestResult> | null;
    return Array.isArray(result?.testResults) ? (result as TestResult) : undefined;
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { status: { type: 'string', default: '0' } },
  });
  const { line, isGreen } = summarize(positionals.map(readResult), Number(values.status));
  console.log(line);
  process.exitCode = isGreen ? 0 : 1;
}
