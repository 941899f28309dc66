import { expect, test } from 'vitest';
import { InvalidContextError, IsolationError, UserExecutionContext } from '../../../src/index.ts';
import { bench, contextOf } from '../support/bench.ts';
import { record } from '../support/events.ts';
import { until } from '../support/waiting.ts';

const owner = contextOf('ada', 'tab-1');

const foreigners = [
  ['another user', contextOf('bob', 'tab-1')],
  ['another thread of the same user', contextOf('ada', 'tab-2')],
  [
    'another user who claims the thread',
    UserExecutionContext.fromWebSocketRequest({ userId: 'bob', threadId: owner.threadId }),
  ],
] as const;

test.each(foreigners)(
  '%s cannot connect, send or release, and changes nothing',
  async (_, foreigner) => {
    await using made = await bench({ birthGraceMs: 10_000 });
    const { registry } = made;
    const manager = await registry.acquire(owner);
    const empty = await registry.acquire(owner);
    const { socket, client } = await made.pair();
    const spare = await made.pair();
    manager.connect(socket);
    const events = record(registry);
    let heard = 0;
    client.on('message', () => {
      heard += 1;
    });

    expect(() => manager.connect(spare.socket, { context: foreigner })).toThrow(IsolationError);
    expect(() => manager.send('psst', { context: foreigner })).toThrow(IsolationError);
    await expect(registry.release(manager, { context: foreigner })).rejects.toThrow(IsolationError);
    await expect(registry.release(empty, { context: foreigner })).rejects.toThrow(IsolationError);

    expect(manager).toMatchObject({ state: 'open', queuedMessages: 0 });
    expect(manager.connections.size).toBe(1);
    expect(spare.socket.readyState).toBe(spare.socket.OPEN);
    expect(events.map(({ name }) => name)).toEqual(Array(4).fill('securityViolation'));
    expect(events.map(({ event }) => event)).toMatchObject(
      ['connect', 'send', 'release', 'release'].map((operation) => ({
        operation,
        kind: 'foreign-context',
        isolationKey: owner.isolationKey,
        offenderUserId: foreigner.userId,
        offenderThreadId: foreigner.threadId,
      })),
    );
    expect(registry.stats().securityViolations).toBe(4);
    manager.send('for the owner');
    await until(() => heard === 1);
  },
);

test('the owner and a child of its context may connect, send and release', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(owner);
  const child = owner.child();
  manager.connect((await made.pair()).socket, { context: child });

  expect(manager.send('hello', { context: child })).toBe(1);
  expect(await made.registry.release(manager, { context: child })).toBe(false);
  expect(made.registry.stats().securityViolations).toBe(0);
});

test('connect and release refuse what is not a context', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(owner);
  const context = { ...owner } as never;

  expect(() => manager.send('x', { context })).toThrow(InvalidContextError);
  await expect(made.registry.release(manager, { context })).rejects.toThrow(InvalidContextError);
  expect(manager).toMatchObject({ state: 'open', queuedMessages: 0 });
});
