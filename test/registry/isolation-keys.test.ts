import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeIsolationKey } from '../../src/identity/isolation-key.ts';
import { type IsolationKey, UserExecutionContext } from '../../src/index.ts';

const keyOf = (userId: string, threadId: string): IsolationKey =>
  UserExecutionContext.fromWebSocketRequest({ userId, threadId }).isolationKey;

test('ordinary ids read exactly so', () => {
  expect(keyOf('user-1', 'thread_2')).toBe('user-1:thread_2');
});

test('colons and percent signs are escaped in both parts', () => {
  expect(keyOf('a:b', 'c')).toBe('a%3Ab:c');
  expect(keyOf('a', 'b:c')).toBe('a:b%3Ac');
  expect(keyOf('a%3Ab', 'c')).toBe('a%253Ab:c');
});

/** Few characters on purpose: the separator and the escape are where two keys could meet. */
const part = fc.string({ unit: fc.constantFrom('a', ':', '%', '3', 'A', '2', '5'), maxLength: 8 });

test('two different (user, thread) pairs never share a key', () => {
  fc.assert(
    fc.property(part, part, part, part, (user, thread, otherUser, otherThread) => {
      const same = user === otherUser && thread === otherThread;
      expect(makeIsolationKey(user, thread) === makeIsolationKey(otherUser, otherThread)).toBe(
        same,
      );
    }),
    { numRuns: 5_000 },
  );
});

const anyId = fc.string({ unit: 'binary', maxLength: 12 });

test('a key gives its two ids back', () => {
  fc.assert(
    fc.property(anyId, anyId, (user, thread) => {
      const plain = (text: string): string => text.replaceAll('%3A', ':').replaceAll('%25', '%');
      const parts = makeIsolationKey(user, thread).split(':');
      expect(parts.map(plain)).toEqual([user, thread]);
    }),
  );
});

test('a key that is put together by hand does not compile', () => {
  // @ts-expect-error A plain string is not an isolation key.
  const key: IsolationKey = 'user-1:thread-1';

  expect(key).toBe('user-1:thread-1');
});
