import { describe, expect, test } from 'vitest';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

describe('connections with an id in use', () => {
  test('a connection with an id in use replaces the first, which is closed with 4409', async () => {
    using made = clockBench({ closeTimeoutMs: 3_000 });
    const manager = await made.manager('ada', 'tab-1');
    const first = new FakeSocket({ closes: false });
    const second = new FakeSocket();
    const earlier = connect(manager, first, 'phone');
    const later = connect(manager, second, 'phone');

    expect(first.closed).toMatchObject([{ code: 4409, text: 'replaced' }]);
    expect(earlier.state).toBe('closing');
    expect([...manager.connections]).toEqual([['phone', later]]);
    expect(made.eventsNamed('connectionReplaced')).toMatchObject([
      { connectionId: 'phone', connection: earlier, code: 4409 },
    ]);
    expect(manager.send('hello')).toBe(1);
    await made.pass(3_001);

    expect(first.terminatedAtMs).toBe(3_000);
    expect(made.eventsNamed('connectionClosed')).toMatchObject([
      { cause: 'replaced', connection: earlier },
    ]);
    expect([...manager.connections]).toEqual([['phone', later]]);
    expect(made.registry.stats().connections).toBe(1);
  });

  test("a connection with an id in use is refused with duplicateConnection: 'refuse', and the first stays", async () => {
    using made = clockBench({ duplicateConnection: 'refuse' });
    const manager = await made.manager('ada', 'tab-1');
    const first = new FakeSocket();
    const earlier = connect(manager, first, 'phone');

    expect(() => connect(manager, new FakeSocket(), 'phone')).toThrow(
      expect.objectContaining({
        code: 'ERR_LEAKTIGHT_DUPLICATE_CONNECTION',
        message: expect.stringContaining('phone'),
      }),
    );

    expect(earlier.state).toBe('open');
    expect(first.closed).toEqual([]);
    expect(made.eventsNamed('connectionRefused')).toMatchObject([
      { connectionId: 'phone', reason: 'duplicate', userId: 'ada' },
    ]);
    expect(connect(manager, new FakeSocket(), 'tablet').id).toBe('tablet');
  });

  test.each(['replace', 'refuse'] as const)(
    'a connection takes the id of one that is closing, with duplicateConnection: %s',
    async (duplicateConnection) => {
      using made = clockBench({ duplicateConnection });
      const manager = await made.manager('ada', 'tab-1');
      const first = new FakeSocket();
      void connect(manager, first, 'phone').release();

      const later = connect(manager, new FakeSocket(), 'phone');
      await made.pass(10);

      expect(first.closed).toMatchObject([{ code: 1000 }]);
      expect(made.eventsNamed('connectionReplaced')).toEqual([]);
      expect([...manager.connections.values()]).toEqual([later]);
    },
  );

  test('a connection that replaced another may be replaced in turn, and each removes only itself', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    const sockets = [1, 2, 3].map(() => new FakeSocket({ closes: false }));
    const connections = sockets.map((socket) => connect(manager, socket, 'phone'));

    sockets[1]?.gone(1000, '');
    sockets[0]?.gone(1000, '');
    expect([...manager.connections.values()]).toEqual([connections[2]]);
    expect(manager.state).toBe('open');
    sockets[2]?.gone(1000, '');

    expect(manager.connections.size).toBe(0);
    expect(made.eventsNamed('managerIdle')).toHaveLength(1);
  });
});

describe('maxConnectionsPerManager', () => {
  test('a connection past maxConnectionsPerManager is refused, and those that close or are replaced do not count', async () => {
    using made = clockBench({ maxConnectionsPerManager: 2 });
    const manager = await made.manager('ada', 'tab-1');
    const first = connect(manager, new FakeSocket({ closes: false }), 'one');
    connect(manager, new FakeSocket(), 'two');

    expect(() => connect(manager, new FakeSocket(), 'three')).toThrow(
      expect.objectContaining({
        code: 'ERR_LEAKTIGHT_CONNECTION_LIMIT',
        count: 2,
        limit: 2,
        message: expect.stringContaining('2 of 2'),
      }),
    );
    expect(made.eventsNamed('connectionRefused')).toMatchObject([
      { connectionId: 'three', reason: 'connection-limit' },
    ]);
    expect(connect(manager, new FakeSocket(), 'two').state).toBe('open');
    expect(() => connect(manager, new FakeSocket())).toThrow(
      expect.objectContaining({ code: 'ERR_LEAKTIGHT_CONNECTION_LIMIT' }),
    );
    void first.release();

    expect(connect(manager, new FakeSocket(), 'three').id).toBe('three');
  });
});

test('a connection id must be a usable id', async () => {
  using made = clockBench();
  const manager = await made.manager('ada', 'tab-1');

  expect(() => connect(manager, new FakeSocket(), 'undefined')).toThrow(
    expect.objectContaining({ field: 'connectionId' }),
  );
  expect(() => manager.connect(new FakeSocket() as never, null as never)).toThrow(
    expect.objectContaining({ option: 'ConnectOptions' }),
  );
  expect(() => manager.connect(new FakeSocket() as never, { connectionid: 'a' } as never)).toThrow(
    'ConnectOptions has no connectionid, did you mean connectionId?',
  );
  expect(connect(manager, new FakeSocket()).id).toMatch(/^[0-9a-f-]{36}$/);
});
