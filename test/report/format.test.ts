import { expect, test } from 'vitest';
import {
  formatCount,
  formatCounters,
  formatMs,
  formatName,
  formatNumber,
  formatTable,
} from '../../sim/report/format.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [9_007_199_254_740_991, '9,007,199,254,740,991'],
])('the count %d reads %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [31, '31'],
  [31.5, '31.5'],
  [1_234.56, '1,234.6'],
])('the number %d reads %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  [0, '0 ms'],
  [0.25, '0.3 ms'],
  [850, '850 ms'],
  [9_250, '9.25 s'],
  [59_999, '59.999 s'],
  [60_000, '1 min'],
  [119_900, '2 min'],
  [185_000, '3 min 5 s'],
  [3_599_900, '1 h'],
  [86_400_000, '24 h'],
  [5_400_000, '1 h 30 min'],
])('%d ms read %s', (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});

test('text of counters is in the order of its names and leaves out what never happened', () => {
  expect(formatCounters({ reset: 1_200, kill: 1, refuse: 0 })).toBe('kill 1, reset 1,200');
  expect(formatCounters({ refuse: 0 })).toBe('none');
});

test('the name of a metric reads as words', () => {
  expect(formatName('queueDepthPeak')).toBe('queue depth peak');
});

test('a table has columns as wide as their widest cell and no space at the end of a line', () => {
  const lines = formatTable(
    [
      ['a', '1', ''],
      ['long', '1,000', 'x'],
    ],
    { align: ['left', 'right'] },
  );

  expect(lines).toEqual(['  a         1', '  long  1,000  x']);
});
