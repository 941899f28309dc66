/** Which ids are refused, how a refused id is shown, and how ids are made. */
import { describe, expect, test } from 'vitest';
import { checkId, freshId, showValue, ThreadIdentity } from '../../../src/identity/ids.ts';
import {
  InvalidContextError,
  MAX_ID_LENGTH,
  PLACEHOLDER_IDS,
  UserExecutionContext,
} from '../../../src/index.ts';

const from = UserExecutionContext.fromWebSocketRequest;

function messageOf(value: unknown): string {
  try {
    return `fine: ${checkId('userId', value)}`;
  } catch (error) {
    if (error instanceof InvalidContextError) return `${error.field}: ${error.message}`;
    throw error;
  }
}

describe('ids', () => {
  const refused: readonly [string, unknown][] = [
    ['blank', ''],
    ['white space', '   '],
    ['white space at its end', 'ada '],
    ['over-long', 'a'.repeat(MAX_ID_LENGTH + 1)],
    ['a lone surrogate', 'a\ud800b'],
    ['a control character', 'a\u0000b'],
    ['a line break', 'ada\n'],
    ['a C1 control character', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['a number', 7],
    ['null', null],
    ['an object', { toString: () => 'ada' }],
    ['a placeholder in capitals', 'NULL'],
    ...PLACEHOLDER_IDS.map((word): [string, unknown] => [`the placeholder ${word}`, word]),
  ];

  test.each(refused)(
    'an id that is %s is refused, and the error names the field',
    (_what, value) => {
      const userId = value as string;

      expect(() => from({ userId })).toThrow(
        expect.objectContaining({
          name: 'InvalidContextError',
          code: 'ERR_LEAKTIGHT_INVALID_CONTEXT',
          field: 'userId',
        }),
      );
      if (value === undefined) return;
      const websocketClientId = value as string;
      expect(() => from({ userId: 'ada', websocketClientId })).toThrow(
        expect.objectContaining({ field: 'websocketClientId' }),
      );
      expect(() => from({ userId: 'ada', threadId: userId })).toThrow(
        expect.objectContaining({ field: 'threadId' }),
      );
    },
  );

  test('an id of the greatest length, with colons, percent signs and emoji is accepted', () => {
    for (const userId of ['a'.repeat(MAX_ID_LENGTH), 'a:b%3A', '😀'.repeat(128), 'ok null']) {
      expect(from({ userId }).userId).toBe(userId);
    }
  });

  test('a refused id is shown without a character that could break or steer a log line', () => {
    const id = 'a\u007f\u0085\u009b31m\u2028\u2029\u0000\n';

    expect(() => from({ userId: id })).toThrow(
      'got "a\\u007f\\u0085\\u009b31m\\u2028\\u2029\\u0000\\n"',
    );
  });

  test('a refused id is shown escaped and cut short in the message', () => {
    expect(() => from({ userId: `\n${'x'.repeat(5_000)}` })).toThrow(/^[^\n]{1,200}$/);
  });
});

describe('refused ids', () => {
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
  ])('the error for %s says what an id must be', (value, rest) => {
    expect(messageOf(value)).toBe(`userId: userId must be ${rest}`);
  });

  test.each([...PLACEHOLDER_IDS])(
    'an id is no placeholder when %s is only a part of it',
    (word) => {
      expect(messageOf(`${word}-1`)).toBe(`fine: ${word}-1`);
    },
  );
});

describe('shown values', () => {
  test('a shown value is cut from its 41st character on', () => {
    expect(showValue('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`);
    expect(showValue('x'.repeat(41))).toBe(`"${'x'.repeat(40)}"… (41 long)`);
  });
});

test('a made id is a UUID, another one each time', () => {
  const made = Array.from({ length: 100 }, freshId);

  for (const id of made) expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  expect(new Set(made).size).toBe(100);
});

describe('fingerprints of secrets', () => {
  const of = (secret: string | Uint8Array | undefined): string =>
    new ThreadIdentity(secret).fingerprint;

  test('the fingerprint of a secret is the same in every process, and for the same bytes', () => {
    expect(of(undefined)).toBe('unkeyed');
    expect(of('s3cret')).toBe('92bee5ca2269111818c080ef4bd3b697c32ca26c59f63e0d94faa5a9dc781b0d');
    expect(of(Buffer.from('s3cret'))).toBe(of('s3cret'));
    expect(of('other')).not.toBe(of('s3cret'));
  });
});
