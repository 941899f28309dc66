import { describe, expect, test } from 'vitest';
import { summarize } from '../../tools/test-summary/summarize.ts';

const log = '\n Test Files  2 passed (2)\n      Tests  3 passed (3)\n   Start at  10:00:00\n';

function result(...files: readonly (readonly string[])[]): object {
  return {
    testResults: files.map((statuses) => ({
      status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
      assertionResults: statuses.map((status) => ({ status })),
    })),
  };
}

describe('the summary of a test run', () => {
  test('is green when everything passed, and ends with plain figures', () => {
    expect(summarize(result(['passed', 'passed'], ['passed']), log, 0)).toEqual({
      lines: ['      Tests  3 passed (3)', '3 passed, 0 failed'],
      isGreen: true,
    });
  });

  test('is red when a test failed', () => {
    const { lines, isGreen } = summarize(result(['passed', 'failed']), log, 1);

    expect(lines.at(-1)).toBe('1 passed, 1 failed');
    expect(isGreen).toBe(false);
  });

  test('counts a file that could not be loaded as a failure', () => {
    expect(summarize(result(['passed'], []), log, 1).lines.at(-1)).toBe('1 passed, 1 failed');
  });

  test.each(['pending', 'skipped', 'todo', 'disabled'])('is red when a test is %s', (status) => {
    const { lines, isGreen } = summarize(result(['passed', status]), log, 0);

    expect(lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped');
    expect(isGreen).toBe(false);
  });

  test('is red when the runner fails though no test did', () => {
    const { lines, isGreen } = summarize(result(['passed']), log, 1);

    expect(lines.at(-1)).toBe('1 passed, 1 failed');
    expect(isGreen).toBe(false);
  });

  test.each([[undefined], [null], [{}], [result()]])('is red without a result: %j', (nothing) => {
    expect(summarize(nothing, '', 0).isGreen).toBe(false);
    expect(summarize(nothing, '', 1).lines).toEqual(['0 passed, 1 failed']);
  });
});
