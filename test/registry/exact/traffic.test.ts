import { describe, expect, test } from 'vitest';
import { connect, exact, FakeSocket } from './support.ts';

describe('maxFramesPerSecond', () => {
  test('lets a burst pass and puts out whoever sends one frame more, with 1008', async () => {
    using made = exact({ maxFramesPerSecond: 10, maxFrameBurst: 20 });
    const { socket } = await made.tab('ada', 'tab-1', { closes: false });

    for (let frame = 0; frame < 20; frame += 1) socket.says('x');
    expect(socket.closed).toEqual([]);
    expect(socket.isPaused).toBe(false);
    socket.emit('ping', Buffer.alloc(0));

    expect(socket.closed).toMatchObject([{ code: 1008, text: 'too many frames' }]);
    expect(socket.isPaused).toBe(true);
    expect(made.told('connectionExpelled')).toMatchObject([{ cause: 'frame-rate', code: 1008 }]);
    await made.pass(1_001);
    expect(socket.terminatedAtMs).toBe(1_000);
  });

  test('gives a frame back for each hundredth part of ten seconds', async () => {
    using made = exact({ maxFramesPerSecond: 10, maxFrameBurst: 20 });
    const { socket } = await made.tab('ada', 'tab-1');
    for (let frame = 0; frame < 20; frame += 1) socket.says('x');

    await made.pass(200);
    socket.says('x');
    socket.says('x');
    expect(socket.closed).toEqual([]);
    socket.says('x');

    expect(socket.closed).toHaveLength(1);
  });

  test('saves nothing up beyond a burst', async () => {
    using made = exact({ maxFramesPerSecond: 10, maxFrameBurst: 5, heartbeatIntervalMs: 0 });
    const { socket } = await made.tab('ada', 'tab-1');
    await made.pass(60_000);

    for (let frame = 0; frame < 5; frame += 1) socket.says('x');
    expect(socket.closed).toEqual([]);
    socket.says('x');

    expect(socket.closed).toHaveLength(1);
  });
});

describe('maxPayloadBytes', () => {
  test.each([
    ['a buffer', (bytes: number) => Buffer.alloc(bytes)],
    ['an array buffer', (bytes: number) => new ArrayBuffer(bytes)],
    ['fragments', (bytes: number) => [Buffer.alloc(bytes - 10), Buffer.alloc(7), Buffer.alloc(3)]],
  ])('counts the bytes of %s', async (_what, make) => {
    using made = exact({ maxPayloadBytes: 100 });
    const { socket } = await made.tab('ada', 'tab-1', { closes: false });

    socket.emit('message', make(100), true);
    expect(socket.closed).toEqual([]);
    socket.emit('message', make(101), true);

    expect(socket.closed).toMatchObject([{ code: 1009, text: 'message too big' }]);
    expect(socket.isPaused).toBe(false);
    socket.emit('message', make(101), true);
    expect(made.told('connectionExpelled')).toHaveLength(1);
  });

  test.each([
    [0, 100, 100],
    [101, 100, 100],
    [99, 100, 99],
    [99, Infinity, 99],
    [0, Infinity, 0],
  ])('of a socket that allows %i is with %i at most %i', async (present, most, expected) => {
    using made = exact({ maxPayloadBytes: most });
    const manager = await made.manager('ada', 'tab-1');
    const deflate = { _maxPayload: present };
    const socket = Object.assign(new FakeSocket(), {
      _extensions: { 'permessage-deflate': deflate },
    });
    socket._receiver._maxPayload = present;

    connect(manager, socket);

    expect(socket._receiver._maxPayload).toBe(expected);
    expect(deflate._maxPayload).toBe(expected);
  });

  test('leaves a socket alone that has no limit of its own', async () => {
    using made = exact({ maxPayloadBytes: 100 });
    const manager = await made.manager('ada', 'tab-1');
    const socket = new FakeSocket();
    const deflate = {};
    Object.assign(socket, { _receiver: null, _extensions: { 'permessage-deflate': deflate } });

    connect(manager, socket);

    expect(deflate).toEqual({});
    expect(manager.connections.size).toBe(1);
    socket.gone(1000, '');
    expect(manager.connections.size).toBe(0);
  });
});

describe('maxBufferedBytes', () => {
  test('puts out a reader who would have more than that waiting, with 4412', async () => {
    using made = exact({ maxBufferedBytes: 1_000 });
    const { socket, connection, manager } = await made.tab('ada', 'tab-1', { closes: false });
    socket.bufferedAmount = 990;

    expect(connection.send('x'.repeat(10))).toBe(true);
    expect(connection.send('x'.repeat(11))).toBe(false);

    expect(socket.sent).toEqual(['x'.repeat(10)]);
    expect(socket.closed).toMatchObject([{ code: 4412, text: 'reads too slowly' }]);
    expect(connection.send('more')).toBe(false);
    expect(manager.queuedMessages).toBe(0);
    await made.pass(1_001);
    expect(socket.terminatedAtMs).toBe(1_000);
  });

  test('of a manager keeps for the next connection what nobody could be given', async () => {
    using made = exact({ maxBufferedBytes: 1_000 });
    const { socket, manager } = await made.tab('ada', 'tab-1');
    socket.bufferedAmount = 1_000;

    expect(manager.send('x')).toBe(0);

    expect(manager).toMatchObject({ queuedMessages: 1, queuedBytes: 1 });
    expect(made.told('messageQueued')).toMatchObject([
      { bytes: 1, queuedMessages: 1, queuedBytes: 1, userId: 'ada' },
    ]);
  });

  test("drops with slowReaderPolicy 'drop', and says so", async () => {
    using made = exact({ maxBufferedBytes: 1_000, slowReaderPolicy: 'drop' });
    const { socket, connection, manager } = await made.tab('ada', 'tab-1');
    const quick = new FakeSocket();
    connect(manager, quick);
    socket.bufferedAmount = 999;

    expect(manager.send('xx')).toBe(1);
    socket.bufferedAmount = 0;
    expect(manager.send('later')).toBe(2);

    expect(quick.sent).toEqual(['xx', 'later']);
    expect(socket.sent).toEqual(['later']);
    expect(made.told('messagesDropped')).toMatchObject([
      { reason: 'slow-reader', messages: 1, bytes: 2, connectionId: connection.id },
    ]);
    expect(manager.queuedMessages).toBe(0);
  });

  test('is not asked while nothing waits, however large the message', async () => {
    using made = exact({ maxBufferedBytes: 10 });
    const { socket, connection } = await made.tab('ada', 'tab-1');

    expect(connection.send('x'.repeat(1_000))).toBe(true);

    expect(socket.sent).toHaveLength(1);
  });
});

describe('a send', () => {
  test('goes to every open connection, and to none that is leaving', async () => {
    using made = exact();
    const { manager, socket } = await made.tab('ada', 'tab-1');
    const other = new FakeSocket({ closes: false });
    const leaving = connect(manager, other);
    void leaving.release();

    expect(manager.send('hello')).toBe(1);

    expect(socket.sent).toEqual(['hello']);
    expect(other.sent).toEqual([]);
    expect(leaving.send('psst')).toBe(false);
  });

  test('that fails for all is thrown, and for one is reported', async () => {
    using made = exact();
    const { manager, socket } = await made.tab('ada', 'tab-1');
    socket.send = () => {
      throw new TypeError('cannot be sent');
    };

    expect(() => manager.send('x')).toThrow('cannot be sent');
    expect(made.told('hookError')).toEqual([]);
    expect(manager.queuedMessages).toBe(0);
    const other = new FakeSocket();
    connect(manager, other);
    expect(manager.send('x')).toBe(1);

    expect(other.sent).toEqual(['x']);
    expect(made.told('hookError')).toMatchObject([{ hook: 'socket', userId: 'ada' }]);
  });

  test('of a manager that is closing is dropped, and said so', async () => {
    using made = exact();
    const { manager } = await made.tab('ada', 'tab-1');
    void manager.close();

    expect(manager.send('late')).toBe(0);

    expect(made.told('messagesDropped')).toMatchObject([
      { reason: 'manager-closed', messages: 1, bytes: 4 },
    ]);
    expect(made.told('messagesDropped')[0]).not.toHaveProperty('connectionId');
  });
});
