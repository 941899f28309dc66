/** From the result of Vitest's JSON reporter to the last lines of a CI run. Pure. */

/** What is read of the result. Vitest writes more. */
export interface TestResult {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Summary {
  /** The runner's closing line, if it came to one, and `N passed, N failed`. */
  readonly lines: readonly string[];
  readonly isGreen: boolean;
}

export function summarize(result: unknown, log: string, exitStatus: number): Summary {
  const files = isTestResult(result) ? result.testResults : [];
  const statuses = files.flatMap(({ assertionResults }) =>
    assertionResults.map(({ status }) => status),
  );
  const passed = count(statuses, 'passed');
  const failed = count(statuses, 'failed') + brokenFiles(files);
  const skipped = statuses.length - passed - count(statuses, 'failed');
  // An error between the tests fails the run and no test; it must not read as "0 failed".
  const unseen = exitStatus !== 0 && failed === 0 ? 1 : 0;

  const closing = log.match(/^ *Tests {2}.*$/gm)?.at(-1);
  const skips = skipped === 0 ? '' : `, ${skipped} skipped`;
  const figures = `${passed} passed, ${failed + unseen} failed${skips}`;
  return {
    lines: closing === undefined ? [figures] : [closing, figures],
    // Nothing is skipped in CI, and a run without a single test proves nothing.
    isGreen: exitStatus === 0 && failed === 0 && skipped === 0 && passed > 0,
  };
}

/** Files that failed without a test of theirs that did: they could not be loaded. */
function brokenFiles(files: TestResult['testResults']): number {
  return files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
}

function count(statuses: readonly string[], wanted: string): number {
  return statuses.filter((status) => status === wanted).length;
}

function isTestResult(value: unknown): value is TestResult {
  return (
    typeof value === 'object' &&
    value !== null &&
    'testResults' in value &&
    Array.isArray(value.testResults)
  );
}
