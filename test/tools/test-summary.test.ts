import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { summarize, type TestResult } from '../../tools/test-summary.ts';
import { ended, start } from '../cli/start.ts';

function result(...files: readonly (readonly string[])[]): TestResult {
  return {
    testResults: files.map((statuses) => ({
      status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
      assertionResults: statuses.map((status) => ({ status })),
    })),
  };
}

test('the summary is green when all tests of all results passed', () => {
  const results = [result(['passed', 'passed'], ['passed']), result(['passed'])];

  expect(summarize(results)).toEqual({ line: '4 passed, 0 failed', isGreen: true });
});

test('the summary is red when a test failed', () => {
  expect(summarize([result(['passed', 'failed']), result(['passed'])])).toEqual({
    line: '2 passed, 1 failed',
    isGreen: false,
  });
});

test('the summary counts a file that could not be loaded as a failure', () => {
  expect(summarize([result(['passed'], [])]).line).toBe('1 passed, 1 failed');
});

test.each(['pending', 'skipped', 'todo', 'disabled'])(
  'the summary is red and says so when a test is %s',
  (status) => {
    expect(summarize([result(['passed', status])])).toEqual({
      line: '1 passed, 0 failed, 1 skipped',
      isGreen: false,
    });
  },
);

test('the summary counts an exit status without a failed test as a failure', () => {
  expect(summarize([result(['passed'])], 1)).toEqual({
    line: '1 passed, 1 failed',
    isGreen: false,
  });
  expect(summarize([result(['passed', 'failed'])], 1).line).toBe('1 passed, 1 failed');
});

test('the summary is red when no test ran', () => {
  expect(summarize([])).toEqual({ line: '0 passed, 0 failed', isGreen: false });
  expect(summarize([result()]).isGreen).toBe(false);
});

test('the program counts a result that was not written as a failure, and exits with 1', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leaktight-summary-'));
  const written = join(folder, 'result.json');
  writeFileSync(written, JSON.stringify(result(['passed'])));

  const { code, out } = await ended(
    start(`--status 0 ${written} ${join(folder, 'gone.json')}`, 'tools/test-summary.ts'),
  );
  rmSync(folder, { recursive: true });

  expect(out).toBe('1 passed, 1 failed\n');
  expect(code).toBe(1);
});

test('the program exits with 0 when all passed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leaktight-summary-'));
  const written = join(folder, 'result.json');
  writeFileSync(written, JSON.stringify(result(['passed'])));

  const { code, out } = await ended(start(written, 'tools/test-summary.ts'));
  rmSync(folder, { recursive: true });

  expect(out).toBe('1 passed, 0 failed\n');
  expect(code).toBe(0);
});
