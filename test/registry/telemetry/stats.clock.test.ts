/** The numbers about a registry, one by one, against what was done to it. */
import { describe, expect, test } from 'vitest';
import { ConnectionLimitError, WebSocketManagerRegistry } from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

const NONE = new WebSocketManagerRegistry().stats();

test('the numbers of a new registry are all 0', () => {
  const numbers = Object.values(NONE).flatMap((value: number | object) =>
    typeof value === 'number' ? [value] : Object.values(value),
  );

  expect(new Set(numbers)).toEqual(new Set([0]));
  expect(Object.keys(NONE.managersRemovedBy)).toEqual([
    'idle',
    'released',
    'proactive',
    'emergency',
    'requested',
    'replaced',
    'closed',
    'shutdown',
  ]);
  expect(Object.keys(NONE.connectionsExpelledBy)).toEqual([
    'heartbeat',
    'age',
    'silence',
    'slow-reader',
    'message-size',
    'frame-rate',
  ]);
  expect(Object.keys(NONE.messagesDroppedBy)).toEqual([
    'outbox-full',
    'outbox-expired',
    'manager-removed',
    'manager-closed',
    'slow-reader',
  ]);
});

describe('present numbers', () => {
  test('stats tell open, idle, closing, connected, waiting and queued apart', async () => {
    using made = clockBench();
    const { registry } = made;
    const twoTabs = await made.connectClient('ada', 'two');
    connect(twoTabs.manager, new FakeSocket());
    const closing = await made.connectClient('ada', 'closing', { closes: false });
    void closing.manager.close();
    const waiting = [made.manager('ada', 'closing'), made.manager('ada', 'closing')];
    const idle = await made.manager('bob', 'idle');
    idle.send('four');
    idle.send(Buffer.alloc(6));
    // A user of which only a cooldown is left.
    await registry.cleanup('zoe-left');

    expect(registry.stats()).toEqual({
      ...NONE,
      users: 2,
      managers: 3,
      managersClosing: 1,
      managersIdle: 1,
      connections: 3,
      waiting: 2,
      queuedMessages: 2,
      queuedBytes: 10,
      managersCreated: 3,
      connectionsOpened: 3,
      messagesQueued: 2,
      cleanupsStarted: { ...NONE.cleanupsStarted, requested: 1 },
      cleanupsFinished: { ...NONE.cleanupsFinished, requested: 1 },
    });
    expect(registry.stats().users).toBe(2);

    await made.pass(5_001);
    await Promise.all(waiting);
    expect(registry.stats()).toMatchObject({
      managers: 3,
      managersClosing: 0,
      managersIdle: 2,
      connections: 2,
      waiting: 0,
    });
  });

  test('stats count acquires that wait for room with those that wait for the end of a close', async () => {
    using made = clockBench({ maxManagersPerUser: 1 });
    await made.connectClient('ada', 'one', { pongs: false });
    await made.pass(20_000);

    const waiting = ['two', 'two', 'three'].map((tab) => made.manager('ada', tab).catch(() => {}));

    expect(made.registry.stats()).toMatchObject({ users: 1, managers: 1, waiting: 3 });
    await made.pass(20_000);
    await Promise.all(waiting);
    expect(made.registry.stats().waiting).toBe(0);
  });
});

/** A registry whose events are heard, and one whose events are counted without being made. */
describe.each([
  ['heard', true],
  ['not heard', false],
])('numbers of events that are %s', (_what, isHeard) => {
  const quiet: typeof clockBench = (options) => {
    const made = clockBench(options);
    if (!isHeard) made.registry.removeAllListeners();
    return made;
  };

  test('stats count connections by what became of them', async () => {
    using made = quiet({ maxConnectionsPerManager: 2 });
    const manager = await made.manager('ada', 'tab-1');
    const [first, second, third] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
    connect(manager, first, 'a');
    connect(manager, second, 'a');
    connect(manager, third, 'b');
    expect(() => connect(manager, new FakeSocket(), 'c')).toThrow(ConnectionLimitError);
    const code = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    third.emit('error', Object.assign(new RangeError('too large'), { code }));
    await made.pass(10);
    second.gone(1001, '');

    expect(made.registry.stats()).toMatchObject({
      connections: 0,
      connectionsOpened: 3,
      connectionsClosed: 3,
      connectionsClosedBy: {
        ...NONE.connectionsClosedBy,
        replaced: 1,
        'message-size': 1,
        peer: 1,
      },
      connectionsReplaced: 1,
      connectionsRefused: 1,
      connectionsExpelled: 1,
      connectionsExpelledBy: { ...NONE.connectionsExpelledBy, 'message-size': 1 },
    });
  });

  test('stats count managers by why they went', async () => {
    using made = quiet({ maxManagersPerUser: 1, onLimit: 'replace-least-recent' });
    await made.registry.release(await made.manager('ada', 'released'));
    await (await made.manager('ada', 'closed')).close();
    await made.manager('ada', 'idle');
    await made.pass(30_000);
    await made.connectClient('ada', 'replaced');
    await made.pass(10_000);
    const evictionSuccessor = made.connectClient('ada', 'successor');
    await made.pass(10_000);
    await evictionSuccessor;
    const shutdown = made.registry.shutdown();
    await made.pass(1);
    await shutdown;

    expect(made.registry.stats()).toMatchObject({
      managers: 0,
      managersCreated: 5,
      managersRemoved: 5,
      managersRemovedBy: {
        ...NONE.managersRemovedBy,
        released: 1,
        closed: 1,
        idle: 1,
        replaced: 1,
        shutdown: 1,
      },
      cleanupsStarted: { ...NONE.cleanupsStarted, emergency: 1 },
      cleanupsFinished: { ...NONE.cleanupsFinished, emergency: 1 },
      limitsReached: 0,
    });
  });

  test('stats count messages and not events, by what became of them', async () => {
    using made = quiet({ outboxMaxMessages: 3 });
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    socket.gone(1001, '');
    for (const text of ['a', 'b', 'c', 'd']) manager.send(text);
    connect(manager, new FakeSocket()).socket.emit('close', 1001, Buffer.alloc(0));
    manager.send('e');
    manager.send('f');
    await manager.close();
    manager.send('g');

    expect(made.registry.stats()).toMatchObject({
      queuedMessages: 0,
      queuedBytes: 0,
      messagesQueued: 6,
      messagesReplayed: 3,
      messagesDropped: 4,
      messagesDroppedBy: {
        ...NONE.messagesDroppedBy,
        'outbox-full': 1,
        'manager-removed': 2,
        'manager-closed': 1,
      },
    });
  });

  test('stats count sweeps, limits, violations and failures of hooks', async () => {
    using made = quiet({ maxManagersPerUser: 1 });
    const { manager } = await made.connectClient('ada', 'tab-1');
    made.registry.sweep();
    made.registry.sweep();
    const late = expect(made.manager('ada', 'late')).rejects.toMatchObject({ count: 1, limit: 1 });
    await made.pass(10);
    await late;
    const context = contextOf('eve-1', 'tab-1');
    expect(() => manager.send('x', { context })).toThrow();
    await expect(made.registry.release(manager, { context })).rejects.toThrow();
    made.registry.on('sweepFinished', () => {
      throw new Error('boom');
    });
    made.registry.on('hookError', () => {});
    made.registry.sweep();

    expect(made.registry.stats()).toMatchObject({
      sweeps: 3,
      limitsReached: 1,
      securityViolations: 2,
      hookErrors: 1,
      upgradesRefused: 0,
    });
  });
});
