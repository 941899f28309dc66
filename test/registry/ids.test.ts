/** How an id that is refused is shown, and what is made of nothing. */
import { describe, expect, test } from 'vitest';
import { checkId, freshId, showValue, ThreadIdentity } from '../../src/identity/ids.ts';
import { InvalidContextError, MAX_ID_LENGTH, PLACEHOLDER_IDS } from '../../src/index.ts';

function messageOf(value: unknown): string {
  try {
    return `fine: ${checkId('userId', value)}`;
  } catch (error) {
    if (error instanceof InvalidContextError) return `${error.field}: ${error.message}`;
    throw error;
  }
}

describe('an id that is refused', () => {
  test.each<[unknown, string]>([
    [7, 'a string, got 7'],
    [undefined, 'a string, got undefined'],
    [null, 'a string, got null'],
    [{ secret: 's3cret' }, 'a string, got an object'],
    [() => 's3cret', 'a string, got a function'],
    [Symbol('s3cret'), 'a string, got a symbol'],
    [
      'a'.repeat(MAX_ID_LENGTH + 1),
      `at most 256 UTF-16 code units long (it has 257), got "${'a'.repeat(40)}"… (257 long)`,
    ],
    ['a\ud800b', 'well-formed Unicode, got "a\\ud800b"'],
    ['a\u0000b', 'free of control characters, got "a\\u0000b"'],
    ['a\u2028b', 'free of control characters, got "a\\u2028b"'],
    ['', 'not blank, got ""'],
    ['  ', 'not blank, got "  "'],
    [' ada', 'free of white space at its ends, got " ada"'],
    ['ada\u3000', 'free of white space at its ends, got "ada\u3000"'],
    ['nUlL', 'a real id, not a placeholder, got "nUlL"'],
    ['[object Object]', 'a real id, not a placeholder, got "[object Object]"'],
  ])('%s is told to be what it must be', (value, rest) => {
    expect(messageOf(value)).toBe(`userId: userId must be ${rest}`);
  });

  test.each([...PLACEHOLDER_IDS])('is no placeholder any more when %s is only a part', (word) => {
    expect(messageOf(`${word}-1`)).toBe(`fine: ${word}-1`);
  });
});

describe('a value that is shown', () => {
  test('is cut from its 41st character on', () => {
    expect(showValue('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`);
    expect(showValue('x'.repeat(41))).toBe(`"${'x'.repeat(40)}"… (41 long)`);
  });
});

test('an id that is made is a UUID, another one each time', () => {
  const made = Array.from({ length: 100 }, freshId);

  for (const id of made) expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  expect(new Set(made).size).toBe(100);
});

describe('the fingerprint of a secret', () => {
  const of = (secret: string | Uint8Array | undefined): string =>
    new ThreadIdentity(secret).fingerprint;

  test('is the same in every process, and for the same bytes', () => {
    expect(of(undefined)).toBe('unkeyed');
    expect(of('s3cret')).toBe('92bee5ca2269111818c080ef4bd3b697c32ca26c59f63e0d94faa5a9dc781b0d');
    expect(of(Buffer.from('s3cret'))).toBe(of('s3cret'));
    expect(of('other')).not.toBe(of('s3cret'));
  });
});
