/** The close of a manager, and sockets that close or fail by themselves. */
import { describe, expect, test } from 'vitest';
import { clockBench } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

describe('closes of a manager', () => {
  test('the close of a manager sends each connection the code and the reason, and takes no new ones', async () => {
    using made = clockBench();
    const first = await made.connectClient('ada', 'tab-1');
    const second = await made.connectClient('ada', 'tab-1', { closes: false });
    const { manager } = first;

    const closed = manager.close(4_001, 'bye');
    expect(manager.state).toBe('closing');
    await expect(
      made.connectClient('ada', 'other').then(() => manager.connect),
    ).resolves.toBeDefined();
    await made.pass(4_999);
    expect(manager.state).toBe('closing');
    expect(made.registry.count('ada')).toBe(2);
    await made.pass(2);
    await closed;

    for (const { socket } of [first, second]) {
      expect(socket.closed).toMatchObject([{ code: 4001, text: 'bye' }]);
    }
    expect(manager.state).toBe('closed');
    expect(made.registry.count('ada')).toBe(1);
    expect(made.eventsNamed('managerClosing')).toMatchObject([{ reason: 'closed', manager }]);
    expect(made.eventsNamed('managerRemoved')).toMatchObject([
      { reason: 'closed', manager, ageMs: 5_001, count: 1 },
    ]);
    expect(made.eventsNamed('connectionClosed').map(({ cause }) => cause)).toEqual([
      'manager',
      'manager',
    ]);
    await manager.close();
    expect(made.eventsNamed('managerRemoved')).toHaveLength(1);
  });

  test('the close of a manager without arguments has 1000 and no reason, and disposing of an empty manager closes it', async () => {
    using made = clockBench();
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    await manager[Symbol.asyncDispose]();
    expect(manager.state).toBe('open');
    void manager.close();
    expect(socket.closed).toMatchObject([{ code: 1000, text: '' }]);
    const empty = await made.manager('ada', 'empty');

    await empty[Symbol.asyncDispose]();

    expect(empty.state).toBe('closed');
    expect(made.registry.managers('absent-1')).toEqual([]);
    expect(await made.registry.release({} as never)).toBe(false);
  });

  test('a second close of a manager changes nothing', async () => {
    using made = clockBench();
    const { manager, connection } = await made.connectClient('ada', 'tab-1', { closes: false });
    expect(made.eventsNamed('connectionOpened')).toMatchObject([
      { connection, connectionId: connection.id, connections: 1, userId: 'ada' },
    ]);
    void manager.close();
    void manager.close(4_001);

    expect(made.eventsNamed('managerClosing')).toHaveLength(1);
    expect(made.registry.stats()).toMatchObject({ managers: 1, managersClosing: 1, waiting: 0 });
    const waiting = [made.manager('ada', 'tab-1'), made.manager('ada', 'tab-1')];
    expect(made.registry.stats()).toMatchObject({ waiting: 2 });
    await made.pass(6_000);
    await Promise.all(waiting);
  });

  test('the close of a manager brings the end of a running release nearer, and never postpones it', async () => {
    using made = clockBench({ closeTimeoutMs: 5_000 });
    const { connection, socket, manager } = await made.connectClient('ada', 'tab-1', {
      closes: false,
    });
    void connection.release();
    await made.pass(3_000);

    void manager.close();
    await made.pass(2_001);

    expect(socket.terminatedAtMs).toBe(5_000);
    expect(socket.closed).toHaveLength(1);
    expect(manager.state).toBe('closed');
  });
});

describe('peers that have finished', () => {
  test('a peer that has finished has closeTimeoutMs to end the connection', async () => {
    using made = clockBench({ closeTimeoutMs: 3_000 });
    const { socket, connection } = await made.connectClient('ada', 'tab-1', { closes: false });

    socket._receiver.emit('finish');
    expect(connection.state).toBe('closing');
    await made.pass(3_001);

    expect(socket.closed).toMatchObject([{ code: 1000, text: '' }]);
    expect(socket.terminatedAtMs).toBe(3_000);
    expect(made.eventsNamed('connectionClosed')).toMatchObject([{ cause: 'peer' }]);
  });

  test('a peer that has finished and whose socket is destroyed already is told of once', async () => {
    using made = clockBench();
    const { socket } = await made.connectClient('ada', 'tab-1');

    socket._socket.destroyed = true;
    socket._receiver.emit('finish');
    expect(socket.closed).toEqual([]);
    socket.gone(1001, 'away');

    expect(made.eventsNamed('connectionClosed')).toMatchObject([
      { cause: 'peer', code: 1001, reason: 'away' },
    ]);
  });
});

describe('sockets that fail', () => {
  test('a socket that fails has closeTimeoutMs to be gone', async () => {
    using made = clockBench({ closeTimeoutMs: 3_000 });
    const { socket } = await made.connectClient('ada', 'tab-1', { closes: false });

    socket.emit('error', new Error('reset'));
    await made.pass(3_001);

    expect(socket.closed).toMatchObject([{ code: 1011, text: '' }]);
    expect(socket.terminatedAtMs).toBe(3_000);
    expect(made.eventsNamed('connectionClosed')).toMatchObject([{ cause: 'failed' }]);
    expect(made.eventsNamed('connectionExpelled')).toEqual([]);
  });

  test('a socket that fails because of a message that is too large is closed with 1009 within a second', async () => {
    using made = clockBench({ closeTimeoutMs: 3_000 });
    const { socket } = await made.connectClient('ada', 'tab-1', { closes: false });

    const code = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    socket.emit('error', Object.assign(new RangeError('Max payload size exceeded'), { code }));
    await made.pass(1_001);

    expect(made.eventsNamed('connectionExpelled')).toMatchObject([
      { cause: 'message-size', code: 1009 },
    ]);
    expect(socket.closed).toMatchObject([{ code: 1009, text: 'message too big' }]);
    expect(socket.terminatedAtMs).toBe(1_000);
  });

  test('a socket that fails with another code is closed with 1011', async () => {
    using made = clockBench();
    const { socket } = await made.connectClient('ada', 'tab-1');

    socket.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    socket.emit('error', { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' });

    expect(made.eventsNamed('connectionExpelled')).toEqual([]);
    expect(socket.closed).toMatchObject([{ code: 1011 }]);
  });
});

test('a socket that is gone has none of our listeners, and is refused while it has a manager', async () => {
  using made = clockBench();
  const { socket, manager } = await made.connectClient('ada', 'tab-1');
  const names = ['close', 'error', 'message', 'ping', 'pong'];
  expect(names.map((name) => socket.listenerCount(name))).toEqual([1, 1, 1, 1, 1]);
  expect(socket._receiver.listenerCount('finish')).toBe(1);
  expect(() => manager.connect(socket as never)).toThrow(
    expect.objectContaining({ code: 'ERR_LEAKTIGHT_SOCKET_IN_USE' }),
  );

  socket.gone(1000, '');

  expect(names.map((name) => socket.listenerCount(name))).toEqual([0, 0, 0, 0, 0]);
  expect(socket._receiver.listenerCount('finish')).toBe(0);
});

test.each([
  ['nothing', undefined, /needs a WebSocket, got undefined/],
  ['null', null, /got null/],
  ...['on', 'off', 'once', 'send', 'ping', 'pause', 'close', 'terminate'].map(
    (method): [string, unknown, RegExp] => [
      `something without ${method}`,
      Object.assign(new FakeSocket(), { [method]: undefined }),
      /needs a WebSocket, got an object/,
    ],
  ),
  ['a closed socket', Object.assign(new FakeSocket(), { readyState: 3 }), /readyState is 3/],
])('connect refuses %s', async (_what, socket, message) => {
  using made = clockBench();
  const manager = await made.manager('ada', 'tab-1');

  expect(() => manager.connect(socket as never)).toThrow(
    expect.objectContaining({
      code: 'ERR_LEAKTIGHT_SOCKET_NOT_OPEN',
      message: expect.stringMatching(message),
    }),
  );
  expect(manager.connections.size).toBe(0);
});
