import { describe, expect, test } from 'vitest';
import { parseRuns, parseSeed } from '../../sim/cli/numbers.ts';

const seedMax = Number.MAX_SAFE_INTEGER;

describe('a seed', () => {
  test.each([
    ['0', 0],
    ['42', 42],
    ['007', 7],
    ['9007199254740991', seedMax],
  ])('%s is the decimal it reads as', (value, seed) => {
    expect(parseSeed(value)).toBe(seed);
  });

  test('a seed of 40 hexadecimal digits is the integer of the first 48 bits', () => {
    expect(parseSeed('0123456789abcdef0123456789abcdef01234567')).toBe(0x0123456789ab);
    expect(parseSeed('FFFFFFFFFFFF0000000000000000000000000000')).toBe(2 ** 48 - 1);
  });

  test('a seed of 40 decimal digits is a commit hash too', () => {
    expect(parseSeed('1000000000000000000000000000000000000000')).toBe(0x100000000000);
    expect(parseSeed('0000000000000000000000000000000000000042')).toBe(0);
  });

  test.each([
    '',
    ' 42',
    '+42',
    '-1',
    '1.5',
    '1e3',
    '0x2a',
    '1_000',
    'forty-two',
    '٤٢',
    '42\n',
    '9007199254740992',
    '0123456789abcdef0123456789abcdef0123456',
    '0123456789abcdef0123456789abcdef012345678',
    'g123456789abcdef0123456789abcdef01234567',
  ])('%j is refused', (value) => {
    expect(() => parseSeed(value)).toThrow(/^--seed must be a decimal .* got '/);
  });
});

describe('a number of runs', () => {
  test('a number of runs is a positive integer', () => {
    expect(parseRuns('200', 1)).toBe(200);
  });

  test.each(['0', '-5', '1.5', '1e3', '', 'many', '9007199254740992'])('%j is refused', (value) => {
    expect(() => parseRuns(value, 1)).toThrow(/^--runs must be a positive integer, got '/);
  });

  test('a number of runs ends at the last seed there is', () => {
    expect(parseRuns('2', seedMax - 1)).toBe(2);
    expect(() => parseRuns('3', seedMax - 1)).toThrow(/--runs 3 from --seed .* at most 2 fit/);
    expect(parseRuns('9007199254740991', 1)).toBe(seedMax);
  });
});
