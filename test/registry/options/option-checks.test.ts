/** What the error for a wrong value says: the option, the rule, and the value that was given. */
import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../../../src/index.ts';
import {
  checkChoice,
  checkCloseCode,
  checkCloseText,
  checkCount,
  checkDuration,
  checkFunction,
  checkNames,
  checkObject,
  checkPatience,
  checkSecret,
  checkShare,
  checkSize,
} from '../../../src/options/option-checks.ts';

function messageOf(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (error instanceof InvalidOptionError) return `${error.option}: ${error.message}`;
    throw error;
  }
  return 'fine';
}

const LONGEST_TIMER_MS = 2_147_483_647;

describe('checks of values', () => {
  const nothing = (): void => {};
  test.each<[() => unknown, string]>([
    [() => checkObject('wishes', null), 'wishes: wishes must be an object, got null'],
    [() => checkObject('wishes', 'all'), 'wishes: wishes must be an object, got "all"'],
    [
      () => checkObject('wishes', nothing),
      'wishes: wishes must be an object, got a value of type function',
    ],
    [
      () => checkDuration('ms', 4, 5),
      `ms: ms must be a number of milliseconds from 5 to ${LONGEST_TIMER_MS}, got 4`,
    ],
    [
      () => checkDuration('ms', LONGEST_TIMER_MS + 1),
      `ms: ms must be a number of milliseconds from 0 to ${LONGEST_TIMER_MS}, got 2147483648`,
    ],
    [
      () => checkDuration('ms', '7'),
      `ms: ms must be a number of milliseconds from 0 to ${LONGEST_TIMER_MS}, got "7"`,
    ],
    [
      () => checkDuration('ms', [7]),
      `ms: ms must be a number of milliseconds from 0 to ${LONGEST_TIMER_MS}, got a value of type object`,
    ],
    [
      () => checkCount('count', '7'),
      'count: count must be a positive integer or Infinity, got "7"',
    ],
    [
      () => checkCount('count', Symbol('7')),
      'count: count must be a positive integer or Infinity, got Symbol(7)',
    ],
    [
      () => checkCount('count', 2 ** 53),
      'count: count must be a positive integer or Infinity, got 9007199254740992',
    ],
    [() => checkSize('size', -1), 'size: size must be a positive integer or Infinity, got -1'],
    [
      () => checkPatience('ms', 0.5),
      'ms: ms must be a number of milliseconds from 1 to Infinity, got 0.5',
    ],
    [
      () => checkPatience('ms', '7'),
      'ms: ms must be a number of milliseconds from 1 to Infinity, got "7"',
    ],
    [() => checkShare('share', 0), 'share: share must be a number above 0 and at most 1, got 0'],
    [
      () => checkShare('share', '0.5'),
      'share: share must be a number above 0 and at most 1, got "0.5"',
    ],
    [() => checkChoice('way', 'x', ['a', 'b']), 'way: way must be one of a, b, got "x"'],
    [() => checkSecret('secret', ''), 'secret: secret must not be empty'],
    [() => checkSecret('secret', 7), 'secret: secret must be a string or a Uint8Array, got 7'],
    [() => checkFunction<unknown>('hook', true), 'hook: hook must be a function, got true'],
    [
      () => checkCloseCode(999),
      'code: code must be a close code that may be sent (1000 to 1014, 3000 to 4999), got 999',
    ],
    [
      () => checkCloseText('x'.repeat(124)),
      `reason: reason must be a string of at most 123 bytes, got "${'x'.repeat(80)}"`,
    ],
  ])('the error for a wrong value says %s', (check, expected) => {
    expect(messageOf(check)).toBe(expected);
  });

  test('a value that passes its check is given back', () => {
    const hook = (): void => {};

    expect(checkDuration('ms', 5, 5)).toBe(5);
    expect(checkDuration('ms', LONGEST_TIMER_MS)).toBe(LONGEST_TIMER_MS);
    expect(checkCount('count', 1)).toBe(1);
    expect(checkCount('count', Infinity)).toBe(Infinity);
    expect(checkSize('size', 0)).toBe(0);
    expect(checkPatience('ms', 1)).toBe(1);
    expect(checkShare('share', 1)).toBe(1);
    expect(checkChoice('way', 'b', ['a', 'b'])).toBe('b');
    expect(checkFunction('hook', hook)).toBe(hook);
  });
});

describe('unknown names', () => {
  const hintFor = (name: string, ...known: string[]): string =>
    messageOf(() => checkNames('wishes', { [name]: 1 }, known));
  const hinted = (name: string, hint: string): string =>
    `${name}: wishes has no ${name}, did you mean ${hint}?`;
  const unhinted = (name: string): string => `${name}: wishes has no ${name}`;

  test.each([
    ['one letter is missing', 'drinMs', 'drainMs'],
    ['one letter is another', 'dramnMs', 'drainMs'],
    ['one letter is too many', 'drainMss', 'drainMs'],
    ['one letter is too many in front', 'adrainMs', 'drainMs'],
    ['only the case is another', 'DRAINMS', 'drainMs'],
    ['less than half of it must be changed', 'batchSizesss', 'batchSize'],
  ])('an unknown name is answered with the nearest known one when %s', (_what, name, known) => {
    expect(hintFor(name, 'logger', known, 'onLimit')).toBe(hinted(name, known));
  });

  test.each([
    ['a short one in which half is another', 'abcd', 'abxy'],
    ['one that has half of it too many in front', 'zzzzabcd', 'abcd'],
    ['one that has half of it too many at its end', 'abcdzzzz', 'abcd'],
    ['one of which most is missing', 'a', 'abcdefgh'],
    ['one with the same letters in another order', 'abcdef', 'fedcba'],
  ])('an unknown name has no suggestion for %s', (_what, name, known) => {
    expect(hintFor(name, known)).toBe(unhinted(name));
  });

  test('an unknown name that is as near to two gets the first of them', () => {
    expect(hintFor('abcx', 'abcy', 'abc')).toBe(hinted('abcx', 'abcy'));
    expect(hintFor('abcx', 'abc', 'abcy')).toBe(hinted('abcx', 'abc'));
  });

  test('an unknown name gets the nearest one wherever it stands', () => {
    expect(hintFor('drainMz', 'drainXz', 'drainMs', 'drxxnMz')).toBe(hinted('drainMz', 'drainXz'));
    expect(hintFor('batchSizes', 'batchSixty', 'batchSize')).toBe(
      hinted('batchSizes', 'batchSize'),
    );
  });
});
