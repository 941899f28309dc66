import { describe, expect, test } from 'vitest';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

describe('maxFramesPerSecond', () => {
  test('a peer may send a burst, and is closed with 1008 at one frame more', async () => {
    using made = clockBench({ maxFramesPerSecond: 10, maxFrameBurst: 20 });
    const { socket } = await made.connectClient('ada', 'tab-1', { closes: false });

    for (let frame = 0; frame < 20; frame += 1) socket.says('x');
    expect(socket.closed).toEqual([]);
    expect(socket.isPaused).toBe(false);
    socket.emit('ping', Buffer.alloc(0));

    expect(socket.closed).toMatchObject([{ code: 1008, text: 'too many frames' }]);
    expect(socket.isPaused).toBe(true);
    expect(made.eventsNamed('connectionExpelled')).toMatchObject([
      { cause: 'frame-rate', code: 1008 },
    ]);
    await made.pass(1_001);
    expect(socket.terminatedAtMs).toBe(1_000);
  });

  test('a peer may send one more frame for each hundredth part of ten seconds', async () => {
    using made = clockBench({ maxFramesPerSecond: 10, maxFrameBurst: 20 });
    const { socket } = await made.connectClient('ada', 'tab-1');
    for (let frame = 0; frame < 20; frame += 1) socket.says('x');

    await made.pass(200);
    socket.says('x');
    socket.says('x');
    expect(socket.closed).toEqual([]);
    socket.says('x');

    expect(socket.closed).toHaveLength(1);
  });

  test('a quiet peer saves nothing up beyond a burst', async () => {
    using made = clockBench({ maxFramesPerSecond: 10, maxFrameBurst: 5, heartbeatIntervalMs: 0 });
    const { socket } = await made.connectClient('ada', 'tab-1');
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
  ])('maxPayloadBytes counts the bytes of %s', async (_what, make) => {
    using made = clockBench({ maxPayloadBytes: 100 });
    const { socket } = await made.connectClient('ada', 'tab-1', { closes: false });

    socket.emit('message', make(100), true);
    expect(socket.closed).toEqual([]);
    socket.emit('message', make(101), true);

    expect(socket.closed).toMatchObject([{ code: 1009, text: 'message too big' }]);
    expect(socket.isPaused).toBe(false);
    socket.emit('message', make(101), true);
    expect(made.eventsNamed('connectionExpelled')).toHaveLength(1);
  });

  test.each([
    [0, 100, 100],
    [101, 100, 100],
    [99, 100, 99],
    [99, Infinity, 99],
    [0, Infinity, 0],
  ])(
    'maxPayloadBytes of a socket that allows %i is with %i at most %i',
    async (present, most, expected) => {
      using made = clockBench({ maxPayloadBytes: most });
      const manager = await made.manager('ada', 'tab-1');
      const deflate = { _maxPayload: present };
      const socket = Object.assign(new FakeSocket(), {
        _extensions: { 'permessage-deflate': deflate },
      });
      socket._receiver._maxPayload = present;

      connect(manager, socket);

      expect(socket._receiver._maxPayload).toBe(expected);
      expect(deflate._maxPayload).toBe(expected);
    },
  );

  test('maxPayloadBytes leaves a socket alone that has no limit of its own', async () => {
    using made = clockBench({ maxPayloadBytes: 100 });
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
