import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeIsolationKey } from '../../../src/identity/isolation-key.ts';
import { type IsolationKey, UserExecutionContext } from '../../../src/index.ts';

/** Few characters on purpose: the separator and the escape are where two keys could meet. */
const part = fc.string({ unit: fc.constantFrom('a', ':', '%', '3', 'A', '2', '5'), maxLength: 8 });

const anyId = fc.string({ unit: 'binary', maxLength: 12 });

test('two different (user, thread) pairs never share an isolation key', () => {
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

test('an isolation key gives its two ids back', () => {
  fc.assert(
    fc.property(anyId, anyId, (user, thread) => {
      const plain = (text: string): string => text.replaceAll('%3A', ':').replaceAll('%25', '%');
      const parts = makeIsolationKey(user, thread).split(':');
      expect(parts.map(plain)).toEqual([user, thread]);
    }),
  );
});

test('an isolation key that is put together by hand does not compile', () => {
  // @ts-expect-error A plain string is not an isolation key.
  const key: IsolationKey = 'user-1:thread-1';

  expect(key).toBe('user-1:thread-1');
});

test.each([
  ['ada', 't-1', 'ada:t-1'],
  ['user-1', 'thread_2', 'user-1:thread_2'],
  ['a:b', 'c', 'a%3Ab:c'],
  ['a', 'b:c', 'a:b%3Ac'],
  ['a%3Ab', 'c', 'a%253Ab:c'],
  ['100%', 'a:b:c', '100%25:a%3Ab%3Ac'],
])('user %s with thread %s has the isolation key %s', (userId, threadId, key) => {
  const context = UserExecutionContext.fromWebSocketRequest({ userId, threadId });

  expect(context.isolationKey).toBe(key);
});
