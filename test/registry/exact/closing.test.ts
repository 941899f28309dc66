import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../../../src/index.ts';
import { exact, FakeSocket } from './support.ts';

describe('the release of a connection', () => {
  test('shakes hands with 1000 and settles when the socket is gone', async () => {
    using made = exact();
    const { connection, socket, manager } = await made.tab('ada', 'tab-1');

    expect(connection.terminated).toBe(false);
    let isSettled = false;
    const released = connection.release().then(() => {
      isSettled = true;
    });
    for (let turn = 0; turn < 9; turn += 1) await Promise.resolve();
    expect({ state: connection.state, isSettled }).toEqual({ state: 'closing', isSettled: false });
    expect(manager.connections.size).toBe(1);
    await made.pass(1);
    await released;

    expect(socket.closed).toEqual([{ code: 1000, text: '', atMs: 0 }]);
    expect(connection).toMatchObject({ state: 'closed', terminated: false });
    expect(socket.terminatedAtMs).toBeUndefined();
    expect(made.told('connectionClosed')).toMatchObject([
      { code: 1000, reason: '', cause: 'released', connections: 0 },
    ]);
    expect(manager.connections.size).toBe(0);
    expect(manager.state).toBe('open');
  });

  test('terminates a mute peer after closeTimeoutMs', async () => {
    using made = exact({ closeTimeoutMs: 5_000 });
    const { connection, socket } = await made.tab('ada', 'tab-1', { closes: false });

    const released = connection.release(4_001, 'bye');
    await made.pass(4_999);
    expect(connection).toMatchObject({ state: 'closing', terminated: false });
    await made.pass(2);
    await released;

    expect(socket.closed).toMatchObject([{ code: 4001, text: 'bye' }]);
    expect(socket.terminatedAtMs).toBe(5_000);
    expect(connection).toMatchObject({ state: 'closed', terminated: true });
  });

  test('gives up a socket that does not even die, and reports it', async () => {
    using made = exact({ closeTimeoutMs: 5_000 });
    const { connection, socket } = await made.tab('ada', 'tab-1', { closes: false, dies: false });

    const released = connection.release();
    await made.pass(5_999);
    expect(connection.state).toBe('closing');
    await made.pass(1);
    await released;

    expect(connection.state).toBe('closed');
    expect(made.told('hookError')).toMatchObject([
      { hook: 'socket', userId: 'ada', error: { message: expect.stringContaining('given up') } },
    ]);
    expect(made.told('connectionClosed')).toMatchObject([{ code: 1006, reason: '' }]);
    // Whatever is left of it may fail, and harms nobody.
    expect(socket.emit('error', new Error('late'))).toBe(true);
    socket.gone(1006, '');
    expect(made.told('connectionClosed')).toHaveLength(1);
  });

  test('with closeTimeoutMs 0 terminates at once', async () => {
    using made = exact({ closeTimeoutMs: 0 });
    const { connection, socket } = await made.tab('ada', 'tab-1');

    const released = connection.release();
    await made.pass(1);
    await released;

    expect(socket.closed).toEqual([]);
    expect(socket.terminatedAtMs).toBe(0);
  });

  test('twice is once', async () => {
    using made = exact();
    const { connection, socket } = await made.tab('ada', 'tab-1');

    const both = Promise.all([connection.release(), connection.release(4_002, 'again')]);
    await made.pass(1);
    await both;
    await connection.release();

    expect(socket.closed).toHaveLength(1);
    expect(made.told('connectionClosed')).toHaveLength(1);
  });

  test.each([
    [999, 'code'],
    [1004, 'code'],
    [1005, 'code'],
    [1006, 'code'],
    [1015, 'code'],
    [2999, 'code'],
    [5000, 'code'],
    [1000.5, 'code'],
    [Number.NaN, 'code'],
  ])('with code %s is refused and closes nothing', async (code) => {
    using made = exact();
    const { connection, manager } = await made.tab('ada', 'tab-1');

    await expect(connection.release(code)).rejects.toMatchObject({
      code: 'ERR_LEAKTIGHT_INVALID_OPTION',
      option: 'code',
      message: expect.stringContaining(`got ${code}`),
    });
    await expect(manager.close(code)).rejects.toBeInstanceOf(InvalidOptionError);
    expect(connection.state).toBe('open');
    expect(manager.state).toBe('open');
  });

  test.each([1000, 1001, 1003, 1007, 1014, 3000, 4999])('with code %i sends it', async (code) => {
    using made = exact();
    const { connection, socket } = await made.tab('ada', 'tab-1');

    void connection.release(code);

    expect(socket.closed).toMatchObject([{ code }]);
  });

  test('takes a reason of 123 bytes and no more', async () => {
    using made = exact();
    const { connection, manager, socket } = await made.tab('ada', 'tab-1');

    for (const reason of ['é'.repeat(62), 'x'.repeat(124), 7 as unknown as string]) {
      await expect(connection.release(1000, reason)).rejects.toMatchObject({ option: 'reason' });
      await expect(manager.close(1000, reason)).rejects.toMatchObject({ option: 'reason' });
    }
    expect(connection.state).toBe('open');
    void connection.release(1000, 'x'.repeat(123));

    expect(socket.closed).toMatchObject([{ text: 'x'.repeat(123) }]);
  });

  test('that the socket refuses is reported, and the socket terminated', async () => {
    using made = exact();
    const { connection, socket } = await made.tab('ada', 'tab-1');
    socket.close = () => {
      throw new Error('no close');
    };

    const released = connection.release();
    await made.pass(1);
    await released;

    expect(socket.terminatedAtMs).toBe(0);
    expect(made.told('hookError')).toEqual([
      { hook: 'socket', error: new Error('no close'), userId: 'ada' },
    ]);
  });

  test('that not even a terminate ends is given up', async () => {
    using made = exact({ closeTimeoutMs: 0 });
    const { connection, socket } = await made.tab('ada', 'tab-1');
    socket.terminate = () => {
      throw new Error('no terminate');
    };

    const released = connection.release();
    await made.pass(1_000);
    await released;

    expect(made.told('hookError')).toMatchObject([
      { hook: 'socket', error: new Error('no terminate'), userId: 'ada' },
      { hook: 'socket' },
    ]);
  });
});

test('a connection that is disposed of is released, and one that has gone stays so', async () => {
  using made = exact();
  const { connection, socket } = await made.tab('ada', 'tab-1');

  const disposed = connection[Symbol.asyncDispose]();
  await made.pass(1);
  await disposed;
  await connection.release();

  expect(socket.closed).toMatchObject([{ code: 1000 }]);
  expect(connection.state).toBe('closed');
});

test('a connection is closing as soon as its socket is', async () => {
  using made = exact();
  const { connection, socket, manager } = await made.tab('ada', 'tab-1');

  socket.readyState = socket.CLOSING;

  expect(connection.state).toBe('closing');
  expect(connection.send('late')).toBe(false);
  expect(manager.send('kept')).toBe(0);
  expect(socket.sent).toEqual([]);
  expect(manager.queuedMessages).toBe(1);
});

describe('the close of a manager', () => {
  test('tells every connection the code and the reason, and takes no new ones', async () => {
    using made = exact();
    const first = await made.tab('ada', 'tab-1');
    const second = await made.tab('ada', 'tab-1', { closes: false });
    const { manager } = first;

    const closed = manager.close(4_001, 'bye');
    expect(manager.state).toBe('closing');
    await expect(made.tab('ada', 'other').then(() => manager.connect)).resolves.toBeDefined();
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
    expect(made.told('managerClosing')).toMatchObject([{ reason: 'closed', manager }]);
    expect(made.told('managerRemoved')).toMatchObject([
      { reason: 'closed', manager, ageMs: 5_001, count: 1 },
    ]);
    expect(made.told('connectionClosed').map(({ cause }) => cause)).toEqual(['manager', 'manager']);
    await manager.close();
    expect(made.told('managerRemoved')).toHaveLength(1);
  });

  test('without a wish has 1000 and no reason, and is what disposing of it does when it is empty', async () => {
    using made = exact();
    const { manager, socket } = await made.tab('ada', 'tab-1');
    await manager[Symbol.asyncDispose]();
    expect(manager.state).toBe('open');
    void manager.close();
    expect(socket.closed).toMatchObject([{ code: 1000, text: '' }]);
    const empty = await made.manager('ada', 'empty');

    await empty[Symbol.asyncDispose]();

    expect(empty.state).toBe('closed');
    expect(made.registry.managers('nobody-1')).toEqual([]);
    expect(await made.registry.release({} as never)).toBe(false);
  });

  test('is told to a second cleanup as well', async () => {
    using made = exact();
    const { manager, connection } = await made.tab('ada', 'tab-1', { closes: false });
    expect(made.told('connectionOpened')).toMatchObject([
      { connection, connectionId: connection.id, connections: 1, userId: 'ada' },
    ]);
    void manager.close();
    void manager.close(4_001);

    expect(made.told('managerClosing')).toHaveLength(1);
    expect(made.registry.stats()).toMatchObject({ managers: 1, managersClosing: 1, waiting: 0 });
    const waiting = [made.manager('ada', 'tab-1'), made.manager('ada', 'tab-1')];
    expect(made.registry.stats()).toMatchObject({ waiting: 2 });
    await made.pass(6_000);
    await Promise.all(waiting);
  });

  test('brings the end of a release nearer that is under way, and never puts it off', async () => {
    using made = exact({ closeTimeoutMs: 5_000 });
    const { connection, socket, manager } = await made.tab('ada', 'tab-1', { closes: false });
    void connection.release();
    await made.pass(3_000);

    void manager.close();
    await made.pass(2_001);

    expect(socket.terminatedAtMs).toBe(5_000);
    expect(socket.closed).toHaveLength(1);
    expect(manager.state).toBe('closed');
  });
});

describe('a peer that is done', () => {
  test('has closeTimeoutMs to let go of the connection', async () => {
    using made = exact({ closeTimeoutMs: 3_000 });
    const { socket, connection } = await made.tab('ada', 'tab-1', { closes: false });

    socket._receiver.emit('finish');
    expect(connection.state).toBe('closing');
    await made.pass(3_001);

    expect(socket.closed).toMatchObject([{ code: 1000, text: '' }]);
    expect(socket.terminatedAtMs).toBe(3_000);
    expect(made.told('connectionClosed')).toMatchObject([{ cause: 'peer' }]);
  });

  test('and whose socket is destroyed already is told of once', async () => {
    using made = exact();
    const { socket } = await made.tab('ada', 'tab-1');

    socket._socket.destroyed = true;
    socket._receiver.emit('finish');
    expect(socket.closed).toEqual([]);
    socket.gone(1001, 'away');

    expect(made.told('connectionClosed')).toMatchObject([
      { cause: 'peer', code: 1001, reason: 'away' },
    ]);
  });
});

describe('a socket that fails', () => {
  test('has closeTimeoutMs to be gone', async () => {
    using made = exact({ closeTimeoutMs: 3_000 });
    const { socket } = await made.tab('ada', 'tab-1', { closes: false });

    socket.emit('error', new Error('reset'));
    await made.pass(3_001);

    expect(socket.closed).toMatchObject([{ code: 1011, text: '' }]);
    expect(socket.terminatedAtMs).toBe(3_000);
    expect(made.told('connectionClosed')).toMatchObject([{ cause: 'failed' }]);
    expect(made.told('connectionExpelled')).toEqual([]);
  });

  test('because of a message that is too large is put out with 1009, and has a second', async () => {
    using made = exact({ closeTimeoutMs: 3_000 });
    const { socket } = await made.tab('ada', 'tab-1', { closes: false });

    const code = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    socket.emit('error', Object.assign(new RangeError('Max payload size exceeded'), { code }));
    await made.pass(1_001);

    expect(made.told('connectionExpelled')).toMatchObject([{ cause: 'message-size', code: 1009 }]);
    expect(socket.closed).toMatchObject([{ code: 1009, text: 'message too big' }]);
    expect(socket.terminatedAtMs).toBe(1_000);
  });

  test('for another reason that has a code is not', async () => {
    using made = exact();
    const { socket } = await made.tab('ada', 'tab-1');

    socket.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    socket.emit('error', { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' });

    expect(made.told('connectionExpelled')).toEqual([]);
    expect(socket.closed).toMatchObject([{ code: 1011 }]);
  });
});

test('a socket that is gone has none of our listeners, and may be given to nobody else before', async () => {
  using made = exact();
  const { socket, manager } = await made.tab('ada', 'tab-1');
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
])('%s is no socket for a manager', async (_what, socket, message) => {
  using made = exact();
  const manager = await made.manager('ada', 'tab-1');

  expect(() => manager.connect(socket as never)).toThrow(
    expect.objectContaining({
      code: 'ERR_LEAKTIGHT_SOCKET_NOT_OPEN',
      message: expect.stringMatching(message),
    }),
  );
  expect(manager.connections.size).toBe(0);
});
