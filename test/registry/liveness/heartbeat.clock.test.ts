import { describe, expect, test } from 'vitest';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

const MUTE = { pongs: false };

describe('the heartbeat', () => {
  test('the heartbeat pings a silent peer within one interval, and never sooner than half of one', async () => {
    using made = clockBench({ heartbeatIntervalMs: 30_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');

    await made.pass(600_000);

    const gaps = socket.pingedAtMs.map((atMs, index) => atMs - (socket.pingedAtMs[index - 1] ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(20);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30_000);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15_000);
    expect(made.registry.stats().connections).toBe(1);
  });

  test('the heartbeat disconnects a mute peer with 4408 heartbeatTimeoutMs after its ping', async () => {
    using made = clockBench({ heartbeatIntervalMs: 30_000, heartbeatTimeoutMs: 10_000 });
    const { socket } = await made.connectClient('ada', 'tab-1', MUTE);
    await made.pass(30_000);
    const [askedAtMs = Number.NaN] = socket.pingedAtMs;

    await made.pass(askedAtMs + 10_000 - performance.now());
    expect(socket.terminatedAtMs).toBeUndefined();
    await made.pass(10);

    expect(socket.pingedAtMs).toHaveLength(1);
    expect(socket.terminatedAtMs).toBeLessThanOrEqual(askedAtMs + 10_005);
    const expelled = made.events.find(({ name }) => name === 'connectionExpelled');
    expect(expelled?.event).toMatchObject({ cause: 'heartbeat', code: 4408 });
    expect(made.registry.stats().connections).toBe(0);
  });

  test.each([
    ['a pong', (socket: FakeSocket) => socket.emit('pong', Buffer.alloc(0))],
    ['a ping', (socket: FakeSocket) => socket.emit('ping', Buffer.alloc(0))],
    ['a message', (socket: FakeSocket) => socket.says('here')],
    ['a byte of a frame', (socket: FakeSocket) => Object.assign(socket._socket, { bytesRead: 1 })],
  ])('the heartbeat takes %s at the last moment for a sign of life', async (_what, live) => {
    using made = clockBench();
    const { socket } = await made.connectClient('ada', 'tab-1', MUTE);
    await made.pass(30_000);
    const [askedAtMs = Number.NaN] = socket.pingedAtMs;

    await made.pass(askedAtMs + 9_999 - performance.now());
    live(socket);
    socket.manners = {};
    await made.pass(60_000);

    expect(socket.terminatedAtMs).toBeUndefined();
  });

  test('the heartbeat spares a peer that reads of its backlog, and not one whose backlog stands still', async () => {
    using made = clockBench();
    const reader = await made.connectClient('ada', 'reader', MUTE);
    const stuck = await made.connectClient('ada', 'stuck', MUTE);
    for (const { socket } of [reader, stuck]) {
      Object.assign(socket._socket, { _bytesDispatched: 5_000 });
      socket._socket._handle.writeQueueSize = 4_000;
    }
    await made.pass(30_000);

    reader.socket._socket._handle.writeQueueSize = 3_999;
    await made.pass(10_010);

    expect(reader.socket.terminatedAtMs).toBeUndefined();
    expect(stuck.socket.terminatedAtMs).toBeDefined();
  });

  test('the heartbeat does not judge a paused peer, and pings it when it is read again', async () => {
    using made = clockBench();
    const { socket } = await made.connectClient('ada', 'tab-1', MUTE);
    socket.isPaused = true;
    await made.pass(120_000);
    expect(socket.pingedAtMs).toEqual([]);

    socket.isPaused = false;
    await made.pass(15_000);
    expect(socket.pingedAtMs).toHaveLength(1);
    socket.isPaused = true;
    await made.pass(60_000);

    expect(socket.terminatedAtMs).toBeUndefined();
  });

  test('the heartbeat does not ping a peer that sends often enough', async () => {
    using made = clockBench();
    const { socket } = await made.connectClient('ada', 'tab-1', MUTE);

    for (let passed = 0; passed < 120_000; passed += 10_000) {
      await made.pass(10_000);
      socket.says('here');
    }

    expect(socket.pingedAtMs).toEqual([]);
  });

  test('the heartbeat pings no peer with heartbeatIntervalMs 0', async () => {
    using made = clockBench({ heartbeatIntervalMs: 0 });
    const { socket } = await made.connectClient('ada', 'tab-1', MUTE);

    await made.pass(600_000);

    expect(socket.pingedAtMs).toEqual([]);
    expect(made.registry.stats().connections).toBe(1);
  });

  test('the heartbeat spreads the connections of one tick over half an interval', async () => {
    using made = clockBench();
    const sockets = Array.from({ length: 64 }, () => new FakeSocket());
    const manager = await made.manager('ada', 'tab-1');
    for (const socket of sockets) connect(manager, socket);

    await made.pass(30_000);

    const firsts = sockets.map(({ pingedAtMs }) => pingedAtMs[0] ?? Number.NaN);
    expect(new Set(firsts).size).toBe(64);
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(15_000);
    // However they are cut: no second of those fifteen has much more than its share.
    for (let second = 15; second < 30; second += 1) {
      const share = firsts.filter((atMs) => Math.floor(atMs / 1_000) === second);
      expect(share.length).toBeLessThanOrEqual(8);
    }
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeLessThanOrEqual(15_000);
  });

  test('the heartbeat judges each batch of pings by its own time', async () => {
    using made = clockBench();
    const early = await made.connectClient('ada', 'early', MUTE);
    await made.pass(3_000);
    const late = await made.connectClient('ada', 'late', MUTE);
    const kept = await made.connectClient('ada', 'kept');

    await made.pass(60_000);

    for (const { socket } of [early, late]) {
      const [askedAtMs = Number.NaN] = socket.pingedAtMs;
      expect(socket.terminatedAtMs).toBeGreaterThanOrEqual(askedAtMs + 10_000);
      expect(socket.terminatedAtMs).toBeLessThanOrEqual(askedAtMs + 10_005);
    }
    expect(late.socket.terminatedAtMs).not.toBe(early.socket.terminatedAtMs);
    expect(kept.socket.terminatedAtMs).toBeUndefined();
  });

  test('the heartbeat judges no peer that left meanwhile, and its successor by its own ping', async () => {
    using made = clockBench();
    const first = await made.connectClient('ada', 'tab-1', MUTE);
    await made.pass(30_000);
    first.socket.gone(1000, '');
    const second = await made.connectClient('ada', 'tab-1', MUTE);

    await made.pass(15_000);
    expect(second.socket.terminatedAtMs).toBeUndefined();
    await made.pass(30_000);

    expect(second.socket.terminatedAtMs).toBeDefined();
    expect(first.socket.terminatedAtMs).toBeUndefined();
  });

  test('the heartbeat gives a peer the time for which the event loop stood still', async () => {
    using made = clockBench();
    const { socket } = await made.connectClient('ada', 'tab-1', MUTE);
    await made.pass(24_200);
    const [askedAtMs = Number.NaN] = socket.pingedAtMs;

    made.stall(20_000);
    await made.pass(9_900);
    expect(socket.terminatedAtMs).toBeUndefined();
    await made.pass(200);

    expect(socket.terminatedAtMs).toBeGreaterThanOrEqual(askedAtMs + 30_000);
    expect(socket.terminatedAtMs).toBeLessThanOrEqual(askedAtMs + 30_010);
  });

  test('the heartbeat judges in time on an event loop that is a little late', async () => {
    using made = clockBench();
    const { socket } = await made.connectClient('ada', 'tab-1', MUTE);
    await made.pass(24_200);
    const [askedAtMs = Number.NaN] = socket.pingedAtMs;

    made.stall(90);
    await made.pass(10_050);

    expect(socket.terminatedAtMs).toBeLessThanOrEqual(askedAtMs + 10_200);
  });
});
