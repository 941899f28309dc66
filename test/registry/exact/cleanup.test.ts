import { describe, expect, test } from 'vitest';
import { emergencyBudget } from '../../../src/admission/cleanup.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { detachShareMs } from '../../../src/socket/close-order.ts';
import { connect, exact, FakeSocket } from './support.ts';

describe('the proactive cleanup', () => {
  test('starts when an acquire passes the threshold, and rests for its cooldown', async () => {
    using made = exact({
      maxManagersPerUser: 10,
      proactiveThreshold: 0.5,
      proactiveCooldownMs: 1_000,
    });
    for (let tab = 0; tab < 5; tab += 1) await made.tab('ada', `tab-${tab}`);
    expect(made.told('cleanupStarted')).toEqual([]);

    await made.tab('ada', 'tab-5');
    expect(made.told('cleanupStarted')).toMatchObject([
      { kind: 'proactive', userId: 'ada', count: 5, limit: 10 },
    ]);
    await made.pass(10);
    expect(made.told('cleanupFinished')).toMatchObject([
      { kind: 'proactive', outcome: 'done', startedCount: 5, count: 6, removed: 0 },
    ]);
    await made.pass(980);
    await made.tab('ada', 'tab-6');
    expect(made.told('cleanupStarted')).toHaveLength(1);
    await made.pass(20);
    await made.tab('ada', 'tab-7');

    expect(made.told('cleanupStarted')).toHaveLength(2);
  });

  test('removes the mute after probeTimeoutMs, and leaves newborns and whoever answers', async () => {
    using made = exact({ maxManagersPerUser: 10, birthGraceMs: 10_000, probeTimeoutMs: 2_000 });
    const mute = await made.tab('ada', 'mute', { pongs: false });
    const lively = await made.tab('ada', 'lively');
    await made.pass(10_001);
    const newborn = await made.tab('ada', 'newborn', { pongs: false });

    const cleanup = made.registry.cleanup('ada');
    await made.pass(1_999);
    expect(mute.manager.state).toBe('open');
    await made.pass(10);

    expect(await cleanup).toMatchObject({
      kind: 'requested',
      userId: 'ada',
      outcome: 'done',
      startedCount: 3,
      count: 2,
      limit: 10,
      probed: 2,
      removed: 1,
    });
    expect(mute.socket.closed).toMatchObject([{ code: 4408, text: 'unresponsive' }]);
    expect(mute.manager.state).toBe('closed');
    expect(lively.manager.state).toBe('open');
    expect(newborn.socket.pingedAtMs).toEqual([]);
    expect(made.told('managerRemoved')).toMatchObject([{ reason: 'requested' }]);
  });

  test('gives the dead probeTimeoutMs once more for the handshake', async () => {
    using made = exact({ birthGraceMs: 0, probeTimeoutMs: 2_000, closeTimeoutMs: 5_000 });
    const { socket } = await made.tab('ada', 'mute', { pongs: false, closes: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(5_000);
    await cleanup;

    expect(socket.terminatedAtMs).toBe((socket.closed[0]?.atMs ?? Number.NaN) + 2_000);
  });

  test.each([
    ['says something', (socket: FakeSocket) => socket.says('here')],
    [
      'sends bytes of a frame',
      (socket: FakeSocket) => Object.assign(socket._socket, { bytesRead: 9 }),
    ],
    [
      'takes some of its backlog',
      (socket: FakeSocket) => Object.assign(socket._socket._handle, { writeQueueSize: 3_999 }),
    ],
  ])('spares a peer that %s', async (_what, live) => {
    using made = exact({ birthGraceMs: 0 });
    const { socket, manager } = await made.tab('ada', 'tab-1', { pongs: false });
    Object.assign(socket._socket, { _bytesDispatched: 5_000 });
    socket._socket._handle.writeQueueSize = 4_000;
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(1_000);
    live(socket);
    await made.pass(1_500);

    expect(await cleanup).toMatchObject({ probed: 1, removed: 0 });
    expect(manager.state).toBe('open');
  });

  test('settles at the first sign of life, and when somebody comes', async () => {
    using made = exact({ birthGraceMs: 0 });
    const { socket, manager } = await made.tab('ada', 'tab-1', { pongs: false });
    await made.pass(100);

    const first = made.registry.cleanup('ada');
    await made.pass(500);
    socket.says('here');
    expect(await first).toMatchObject({ removed: 0, durationMs: 500 });
    const second = made.registry.cleanup('ada');
    await made.pass(300);
    connect(manager, new FakeSocket());

    expect(await second).toMatchObject({ removed: 0, durationMs: 300 });
  });

  test('leaves a manager alone one of whose peers could not be asked', async () => {
    using made = exact({ birthGraceMs: 0 });
    const { socket, manager } = await made.tab('ada', 'tab-1', { pongs: false });
    const broken = new FakeSocket({ pongs: false });
    broken.ping = () => {
      throw new Error('not now');
    };
    connect(manager, broken);
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(2_010);

    expect(await cleanup).toMatchObject({ probed: 1, removed: 0 });
    expect(socket.pingedAtMs).toHaveLength(1);
  });

  test('does not ask a socket that is closing, and gives it the same time', async () => {
    using made = exact({ birthGraceMs: 0, closeTimeoutMs: 60_000 });
    const { socket, connection, manager } = await made.tab('ada', 'tab-1', { closes: false });
    await made.pass(100);
    void connection.release();

    const cleanup = made.registry.cleanup('ada');
    await made.pass(2_010);
    expect(socket.pingedAtMs).toEqual([]);
    expect(manager.state).toBe('closing');
    await made.pass(2_010);

    expect(await cleanup).toMatchObject({ removed: 1 });
    expect(manager.state).toBe('closed');
  });

  test('gives a peer the time for which the event loop stood still', async () => {
    using made = exact({ birthGraceMs: 0, heartbeatIntervalMs: 0 });
    const { socket, manager } = await made.tab('ada', 'tab-1', { pongs: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    made.stall(1_500);
    await made.pass(2_050);
    expect(manager.state).toBe('open');
    socket.says('at last');

    expect(await cleanup).toMatchObject({ removed: 0 });
  });

  test('is over without sockets at once: an empty manager goes after its grace', async () => {
    using made = exact({ birthGraceMs: 1_000, reconnectGraceMs: 50_000 });
    const idle = await made.tab('ada', 'idle');
    await made.pass(2_000);
    idle.socket.gone(1000, '');
    await made.manager('ada', 'fresh');

    expect(await made.registry.cleanup('ada')).toMatchObject({ removed: 0, probed: 0 });
    expect(made.registry.count('ada')).toBe(2);
  });

  test('is joined by whoever asks meanwhile', async () => {
    using made = exact({ birthGraceMs: 0 });
    await made.tab('ada', 'mute', { pongs: false });
    await made.pass(100);

    const [one, other] = [made.registry.cleanup('ada'), made.registry.cleanup('ada')];
    await made.pass(2_010);

    expect(await one).toBe(await other);
    expect(made.told('cleanupStarted')).toHaveLength(1);
  });

  test('of nobody is over at once, and remembers nobody', async () => {
    using made = exact();

    expect(await made.registry.cleanup('nobody-1')).toMatchObject({ startedCount: 0, count: 0 });
    await expect(made.registry.cleanup('')).rejects.toMatchObject({ field: 'userId' });
  });

  test('is interrupted by a shutdown', async () => {
    using made = exact({ birthGraceMs: 0 });
    await made.tab('ada', 'mute', { pongs: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    void made.registry.shutdown();
    await made.pass(10);

    expect(await cleanup).toMatchObject({ outcome: 'interrupted', removed: 0 });
  });

  test('that fails says so, and leaves everybody as he was', async () => {
    using made = exact({ birthGraceMs: 0, maxManagersPerUser: 1 });
    const { socket, manager } = await made.tab('ada', 'tab-1');
    await made.pass(100);
    Object.defineProperty(socket, 'isPaused', {
      get: () => {
        throw new Error('no such thing');
      },
    });

    expect(await made.registry.cleanup('ada')).toMatchObject({ outcome: 'failed', removed: 0 });
    await expect(made.manager('ada', 'late')).rejects.toMatchObject({ count: 1 });

    expect(manager.state).toBe('open');
    expect(made.told('hookError')).toEqual([
      { hook: 'cleanup:requested', error: new Error('no such thing'), userId: 'ada' },
      { hook: 'cleanup:emergency', error: new Error('no such thing'), userId: 'ada' },
    ]);
    expect(made.told('cleanupFinished').map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
    ]);
  });
});

describe('the budget of an emergency', () => {
  test.each([
    [{}, { probeMs: 2_000, terminateAfterMs: 9_000, detachMs: 1_000 }],
    [{ emergencyDeadlineMs: 2_000 }, { probeMs: 900, terminateAfterMs: 1_800, detachMs: 200 }],
    [
      { emergencyDeadlineMs: 60_000 },
      { probeMs: 2_000, terminateAfterMs: 59_000, detachMs: 1_000 },
    ],
    [{ emergencyDeadlineMs: 30 }, { probeMs: 7.5, terminateAfterMs: 15, detachMs: 15 }],
    [{ emergencyDeadlineMs: 100 }, { probeMs: 40, terminateAfterMs: 80, detachMs: 20 }],
  ])('of %j is kept within the deadline', (options, expected) => {
    expect(emergencyBudget(resolveOptions(options))).toEqual(expected);
  });

  test('keeps a tenth for sockets that must be destroyed, more of a short one, at most a second', () => {
    expect([0, 10, 39, 40, 199, 400, 9_000, 20_000].map(detachShareMs)).toEqual([
      0, 5, 19.5, 20, 20, 40, 900, 1_000,
    ]);
  });
});
