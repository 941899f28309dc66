/** The release of a connection: handshake, bounds, and what it refuses. */
import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../../../src/index.ts';
import { clockBench } from '../support/clock.ts';

describe('releases of a connection', () => {
  test('the release of a connection shakes hands with 1000 and settles when the socket is gone', async () => {
    using made = clockBench();
    const { connection, socket, manager } = await made.connectClient('ada', 'tab-1');

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
    expect(made.eventsNamed('connectionClosed')).toMatchObject([
      { code: 1000, reason: '', cause: 'released', connections: 0 },
    ]);
    expect(manager.connections.size).toBe(0);
    expect(manager.state).toBe('open');
  });

  test('the release of a connection terminates a mute peer after closeTimeoutMs', async () => {
    using made = clockBench({ closeTimeoutMs: 5_000 });
    const { connection, socket } = await made.connectClient('ada', 'tab-1', { closes: false });

    const released = connection.release(4_001, 'bye');
    await made.pass(4_999);
    expect(connection).toMatchObject({ state: 'closing', terminated: false });
    await made.pass(2);
    await released;

    expect(socket.closed).toMatchObject([{ code: 4001, text: 'bye' }]);
    expect(socket.terminatedAtMs).toBe(5_000);
    expect(connection).toMatchObject({ state: 'closed', terminated: true });
  });

  test('the release of a connection gives up a socket that cannot be destroyed, and reports it', async () => {
    using made = clockBench({ closeTimeoutMs: 5_000 });
    const { connection, socket } = await made.connectClient('ada', 'tab-1', {
      closes: false,
      dies: false,
    });

    const released = connection.release();
    await made.pass(5_999);
    expect(connection.state).toBe('closing');
    await made.pass(1);
    await released;

    expect(connection.state).toBe('closed');
    expect(made.eventsNamed('hookError')).toMatchObject([
      { hook: 'socket', userId: 'ada', error: { message: expect.stringContaining('given up') } },
    ]);
    expect(made.eventsNamed('connectionClosed')).toMatchObject([{ code: 1006, reason: '' }]);
    // An error of the socket afterwards is harmless.
    expect(socket.emit('error', new Error('late'))).toBe(true);
    socket.gone(1006, '');
    expect(made.eventsNamed('connectionClosed')).toHaveLength(1);
  });

  test('the release of a connection with closeTimeoutMs 0 terminates at once', async () => {
    using made = clockBench({ closeTimeoutMs: 0 });
    const { connection, socket } = await made.connectClient('ada', 'tab-1');

    const released = connection.release();
    await made.pass(1);
    await released;

    expect(socket.closed).toEqual([]);
    expect(socket.terminatedAtMs).toBe(0);
  });

  test('a second release of a connection changes nothing', async () => {
    using made = clockBench();
    const { connection, socket } = await made.connectClient('ada', 'tab-1');

    const both = Promise.all([connection.release(), connection.release(4_002, 'again')]);
    await made.pass(1);
    await both;
    await connection.release();

    expect(socket.closed).toHaveLength(1);
    expect(made.eventsNamed('connectionClosed')).toHaveLength(1);
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
  ])('the release of a connection with code %s is refused and closes nothing', async (code) => {
    using made = clockBench();
    const { connection, manager } = await made.connectClient('ada', 'tab-1');

    await expect(connection.release(code)).rejects.toMatchObject({
      code: 'ERR_LEAKTIGHT_INVALID_OPTION',
      option: 'code',
      message: expect.stringContaining(`got ${code}`),
    });
    await expect(manager.close(code)).rejects.toBeInstanceOf(InvalidOptionError);
    expect(connection.state).toBe('open');
    expect(manager.state).toBe('open');
  });

  test.each([[Symbol('c')], [1000n]])(
    'the release of a connection with code %s is refused: it is no number',
    async (code) => {
      using made = clockBench();
      const { connection, manager } = await made.connectClient('ada', 'tab-1');

      await expect(connection.release(code as never)).rejects.toBeInstanceOf(InvalidOptionError);
      await expect(manager.close(code as never)).rejects.toBeInstanceOf(InvalidOptionError);
      expect(manager.state).toBe('open');
    },
  );

  test.each([1000, 1001, 1003, 1007, 1014, 3000, 4999])(
    'the release of a connection sends the code %i',
    async (code) => {
      using made = clockBench();
      const { connection, socket } = await made.connectClient('ada', 'tab-1');

      void connection.release(code);

      expect(socket.closed).toMatchObject([{ code }]);
    },
  );

  test('the release of a connection takes a reason of 123 bytes and no more', async () => {
    using made = clockBench();
    const { connection, manager, socket } = await made.connectClient('ada', 'tab-1');

    for (const reason of ['é'.repeat(62), 'x'.repeat(124), 7 as unknown as string]) {
      await expect(connection.release(1000, reason)).rejects.toMatchObject({ option: 'reason' });
      await expect(manager.close(1000, reason)).rejects.toMatchObject({ option: 'reason' });
    }
    expect(connection.state).toBe('open');
    void connection.release(1000, 'x'.repeat(123));

    expect(socket.closed).toMatchObject([{ text: 'x'.repeat(123) }]);
  });

  test('a release that the socket refuses is reported, and the socket terminated', async () => {
    using made = clockBench();
    const { connection, socket } = await made.connectClient('ada', 'tab-1');
    socket.close = () => {
      throw new Error('no close');
    };

    const released = connection.release();
    await made.pass(1);
    await released;

    expect(socket.terminatedAtMs).toBe(0);
    expect(made.eventsNamed('hookError')).toEqual([
      { hook: 'socket', error: new Error('no close'), userId: 'ada' },
    ]);
  });

  test('a release that not even a terminate ends is given up', async () => {
    using made = clockBench({ closeTimeoutMs: 0 });
    const { connection, socket } = await made.connectClient('ada', 'tab-1');
    socket.terminate = () => {
      throw new Error('no terminate');
    };

    const released = connection.release();
    await made.pass(1_000);
    await released;

    expect(made.eventsNamed('hookError')).toMatchObject([
      { hook: 'socket', error: new Error('no terminate'), userId: 'ada' },
      { hook: 'socket' },
    ]);
  });
});

test('a connection that is disposed of is released, and one that has gone stays gone', async () => {
  using made = clockBench();
  const { connection, socket } = await made.connectClient('ada', 'tab-1');

  const disposed = connection[Symbol.asyncDispose]();
  await made.pass(1);
  await disposed;
  await connection.release();

  expect(socket.closed).toMatchObject([{ code: 1000 }]);
  expect(connection.state).toBe('closed');
});

test('a connection is closing as soon as its socket is', async () => {
  using made = clockBench();
  const { connection, socket, manager } = await made.connectClient('ada', 'tab-1');

  socket.readyState = socket.CLOSING;

  expect(connection.state).toBe('closing');
  expect(connection.send('late')).toBe(false);
  expect(manager.send('kept')).toBe(0);
  expect(socket.sent).toEqual([]);
  expect(manager.queuedMessages).toBe(1);
});
