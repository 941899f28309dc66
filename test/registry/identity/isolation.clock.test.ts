import { describe, expect, test } from 'vitest';
import { UserExecutionContext } from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';
import { clockBench } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

const mallory = contextOf('mallory', 'tab-1');

type Owned = Awaited<ReturnType<ReturnType<typeof clockBench>['manager']>>;

describe('calls with a foreign context', () => {
  test.each([
    [
      'connect',
      (manager: Owned) => manager.connect(new FakeSocket() as never, { context: mallory }),
    ],
    ['send', (manager: Owned) => manager.send('psst', { context: mallory })],
  ] as const)(
    '%s with the context of another user is refused, changes nothing, and is told as an event',
    async (operation, call) => {
      using made = clockBench();
      const { manager, socket } = await made.connectClient('ada', 'tab-1');

      expect(() => call(manager)).toThrow(
        expect.objectContaining({
          name: 'IsolationError',
          code: 'ERR_LEAKTIGHT_ISOLATION',
          message: expect.stringContaining(`A ${operation} of ${mallory.isolationKey}`),
        }),
      );

      expect(manager.connections.size).toBe(1);
      expect(socket.sent).toEqual([]);
      expect(made.eventsNamed('securityViolation')).toEqual([
        {
          userId: 'ada',
          threadId: manager.context.threadId,
          isolationKey: manager.isolationKey,
          count: 1,
          limit: 20,
          kind: 'foreign-context',
          operation,
          offenderUserId: 'mallory',
          offenderThreadId: mallory.threadId,
        },
      ]);
      expect(made.registry.stats().securityViolations).toBe(1);
    },
  );

  test('release with the context of another user is refused, and the manager stays', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');

    const foreign = made.registry.release(manager, { context: mallory });

    await expect(foreign).rejects.toMatchObject({ code: 'ERR_LEAKTIGHT_ISOLATION' });
    expect(manager.state).toBe('open');
    expect(made.eventsNamed('securityViolation')).toMatchObject([{ operation: 'release' }]);
  });

  test('send with the context of another thread of the same user is refused', async () => {
    using made = clockBench();
    const { manager } = await made.connectClient('ada', 'tab-1');

    expect(() => manager.send('x', { context: contextOf('ada', 'tab-2') })).toThrow(
      expect.objectContaining({ code: 'ERR_LEAKTIGHT_ISOLATION' }),
    );
  });

  test('send with a copy of a context is refused', async () => {
    using made = clockBench();
    const { manager } = await made.connectClient('ada', 'tab-1');

    expect(() => manager.send('x', { context: { ...mallory } as UserExecutionContext })).toThrow(
      expect.objectContaining({
        code: 'ERR_LEAKTIGHT_INVALID_CONTEXT',
        field: 'context',
        message: 'context must be a UserExecutionContext',
      }),
    );
    expect(made.eventsNamed('securityViolation')).toEqual([]);
  });
});

test.each([
  ['ada', 't-1', 'ada:t-1'],
  ['a:b', 'c', 'a%3Ab:c'],
  ['a', 'b:c', 'a:b%3Ac'],
  ['a%3Ab', 'c', 'a%253Ab:c'],
  ['100%', 'a:b:c', '100%25:a%3Ab%3Ac'],
])('user %s with thread %s has the key %s', (userId, threadId, key) => {
  const context = UserExecutionContext.fromWebSocketRequest({ userId, threadId });

  expect(context.isolationKey).toBe(key);
});

test('the owner may connect and send', async () => {
  using made = clockBench();
  const context = contextOf('ada', 'tab-1');
  const { manager, socket } = await made.connectClient('ada', 'tab-1');

  manager.connect(new FakeSocket() as never, { context });
  expect(manager.send('hello', { context: context.child() })).toBe(2);

  expect(socket.sent).toEqual(['hello']);
  expect(made.eventsNamed('securityViolation')).toEqual([]);
});

describe('contexts that acquire refuses', () => {
  test.each([
    ['nothing', undefined],
    ['an object', {}],
    ['a copy', { ...mallory }],
  ])('acquire refuses %s instead of a context', async (_what, context) => {
    using made = clockBench();

    await expect(made.registry.acquire(context as never)).rejects.toMatchObject({
      field: 'context',
      message: 'context must be a UserExecutionContext',
    });
    expect(made.registry.get(context as never)).toBeUndefined();
  });

  test('acquire refuses a thread id that another secret derived, and says what to call', async () => {
    using made = clockBench({ identitySecret: 's3cret' });

    await expect(made.registry.acquire(mallory)).rejects.toMatchObject({
      field: 'threadId',
      message: expect.stringContaining('registry.contextFor()'),
    });
    const own = made.registry.contextFor({ userId: 'ada', websocketClientId: 'tab-1' });
    expect((await made.registry.acquire(own)).isolationKey).toBe(own.isolationKey);
    expect(made.registry.get(own)?.state).toBe('open');
    expect(UserExecutionContext.isContext(own)).toBe(true);
  });
});
