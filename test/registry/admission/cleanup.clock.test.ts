import { describe, expect, test } from 'vitest';
import type { Waiter } from '../../../src/admission/slot-table.ts';
import type { WebSocketManager } from '../../../src/index.ts';
import { kCore } from '../../../src/internal/symbols.ts';
import { contextOf } from '../support/bench.ts';
import { connect, type Exact, exact } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

interface Asking {
  readonly waiter: Waiter;
  given: WebSocketManager | undefined;
  refusal: unknown;
}

function ask({ registry }: Exact, client: string): Asking {
  const asking: Asking = {
    waiter: {
      reserve: true,
      wanted: true,
      resolve: (manager) => {
        asking.given = manager;
      },
      reject: (error) => {
        asking.refusal = error;
      },
    },
    given: undefined,
    refusal: undefined,
  };
  registry[kCore].admit(contextOf('ada', client), asking.waiter);
  return asking;
}

describe('cleanups', () => {
  test('a proactive cleanup starts when an acquire passes the threshold, and rests for its cooldown', async () => {
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

  test('a cleanup removes mute peers after probeTimeoutMs, and leaves new managers and peers that answer', async () => {
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

  test('a cleanup gives mute peers probeTimeoutMs once more for the handshake', async () => {
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
  ])('a cleanup spares a peer that %s', async (_what, live) => {
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

  test('a cleanup settles at the first sign of life, and at a new connection', async () => {
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

  test('a cleanup leaves a manager when one of its peers could not be probed', async () => {
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

  test('a cleanup does not probe a closing socket, and gives it the same time', async () => {
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

  test('a cleanup gives a peer the time for which the event loop stood still', async () => {
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

  test('a cleanup leaves an empty manager to its grace, and is over at once', async () => {
    using made = exact({ birthGraceMs: 1_000, reconnectGraceMs: 50_000 });
    const idle = await made.tab('ada', 'idle');
    await made.pass(2_000);
    idle.socket.gone(1000, '');
    await made.manager('ada', 'fresh');

    expect(await made.registry.cleanup('ada')).toMatchObject({ removed: 0, probed: 0 });
    expect(made.registry.count('ada')).toBe(2);
  });

  test('a second call joins the running cleanup', async () => {
    using made = exact({ birthGraceMs: 0 });
    await made.tab('ada', 'mute', { pongs: false });
    await made.pass(100);

    const [one, other] = [made.registry.cleanup('ada'), made.registry.cleanup('ada')];
    await made.pass(2_010);

    expect(await one).toBe(await other);
    expect(made.told('cleanupStarted')).toHaveLength(1);
  });

  test('a cleanup of an unknown user is over at once and leaves nothing behind', async () => {
    using made = exact();

    expect(await made.registry.cleanup('absent-1')).toMatchObject({ startedCount: 0, count: 0 });
    expect(made.registry.audit()).toEqual([]);
    await expect(made.registry.cleanup('')).rejects.toMatchObject({ field: 'userId' });
  });

  test('a shutdown interrupts a cleanup', async () => {
    using made = exact({ birthGraceMs: 0 });
    await made.tab('ada', 'mute', { pongs: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    void made.registry.shutdown();
    await made.pass(10);

    expect(await cleanup).toMatchObject({ outcome: 'interrupted', removed: 0 });
  });

  test('a cleanup that fails says so and leaves every manager as it was', async () => {
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

describe('probes and reservations', () => {
  test('a manager that is reserved while its mute peer is probed stays', async () => {
    using made = exact({ birthGraceMs: 0, probeTimeoutMs: 2_000 });
    const { manager } = await made.tab('ada', 'mute', { pongs: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(1_995);
    ask(made, 'mute');
    await made.pass(100);

    expect(await cleanup).toMatchObject({ probed: 1, removed: 0 });
    expect(manager.state).toBe('open');
  });
});

describe('cleanups and the age of managers', () => {
  test('a cleanup leaves a manager that is being closed', async () => {
    using made = exact({ birthGraceMs: 0 });
    const { manager, socket } = await made.tab('ada', 'tab-1', { closes: false });
    await made.pass(100);
    void manager.close();

    expect(await made.registry.cleanup('ada')).toMatchObject({ probed: 0, removed: 0 });
    expect(socket.pingedAtMs).toEqual([]);
  });

  test('a cleanup probes a manager that is birthGraceMs old, and none that is younger', async () => {
    using made = exact({ birthGraceMs: 5_000, heartbeatIntervalMs: 0 });
    const { socket } = await made.tab('ada', 'tab-1');
    await made.pass(4_999);
    expect(await made.registry.cleanup('ada')).toMatchObject({ probed: 0 });
    await made.pass(1);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(10);

    expect(await cleanup).toMatchObject({ probed: 1 });
    expect(socket.pingedAtMs).toEqual([5_000]);
  });
});
