/** When a cleanup starts and ends, and which managers it removes. */
import { describe, expect, test } from 'vitest';
import { clockBench } from '../support/clock.ts';

describe('cleanups', () => {
  test('a proactive cleanup starts when an acquire passes the threshold, and rests for its cooldown', async () => {
    using made = clockBench({
      maxManagersPerUser: 10,
      proactiveThreshold: 0.5,
      proactiveCooldownMs: 1_000,
    });
    for (let tab = 0; tab < 5; tab += 1) await made.connectClient('ada', `tab-${tab}`);
    expect(made.eventsNamed('cleanupStarted')).toEqual([]);

    await made.connectClient('ada', 'tab-5');
    expect(made.eventsNamed('cleanupStarted')).toMatchObject([
      { kind: 'proactive', userId: 'ada', count: 5, limit: 10 },
    ]);
    await made.pass(10);
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([
      { kind: 'proactive', outcome: 'done', startedCount: 5, count: 6, removed: 0 },
    ]);
    await made.pass(980);
    await made.connectClient('ada', 'tab-6');
    expect(made.eventsNamed('cleanupStarted')).toHaveLength(1);
    await made.pass(20);
    await made.connectClient('ada', 'tab-7');

    expect(made.eventsNamed('cleanupStarted')).toHaveLength(2);
  });

  test('a cleanup removes mute peers after probeTimeoutMs, and leaves new managers and peers that answer', async () => {
    using made = clockBench({
      maxManagersPerUser: 10,
      birthGraceMs: 10_000,
      probeTimeoutMs: 2_000,
    });
    const mute = await made.connectClient('ada', 'mute', { pongs: false });
    const lively = await made.connectClient('ada', 'lively');
    await made.pass(10_001);
    const newborn = await made.connectClient('ada', 'newborn', { pongs: false });

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
    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'requested' }]);
  });

  test('a cleanup leaves an empty manager to its grace, and is over at once', async () => {
    using made = clockBench({ birthGraceMs: 1_000, reconnectGraceMs: 50_000 });
    const idle = await made.connectClient('ada', 'idle');
    await made.pass(2_000);
    idle.socket.gone(1000, '');
    await made.manager('ada', 'fresh');

    expect(await made.registry.cleanup('ada')).toMatchObject({ removed: 0, probed: 0 });
    expect(made.registry.count('ada')).toBe(2);
  });

  test('a second call joins the running cleanup', async () => {
    using made = clockBench({ birthGraceMs: 0 });
    await made.connectClient('ada', 'mute', { pongs: false });
    await made.pass(100);

    const [one, other] = [made.registry.cleanup('ada'), made.registry.cleanup('ada')];
    await made.pass(2_010);

    expect(await one).toBe(await other);
    expect(made.eventsNamed('cleanupStarted')).toHaveLength(1);
  });

  test('a cleanup of an unknown user is over at once and leaves nothing behind', async () => {
    using made = clockBench();

    expect(await made.registry.cleanup('absent-1')).toMatchObject({ startedCount: 0, count: 0 });
    expect(made.registry.audit()).toEqual([]);
    await expect(made.registry.cleanup('')).rejects.toMatchObject({ field: 'userId' });
  });

  test('a shutdown interrupts a cleanup', async () => {
    using made = clockBench({ birthGraceMs: 0 });
    await made.connectClient('ada', 'mute', { pongs: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    void made.registry.shutdown();
    await made.pass(10);

    expect(await cleanup).toMatchObject({ outcome: 'interrupted', removed: 0 });
  });

  test('a cleanup that fails says so and leaves every manager as it was', async () => {
    using made = clockBench({ birthGraceMs: 0, maxManagersPerUser: 1 });
    const { socket, manager } = await made.connectClient('ada', 'tab-1');
    await made.pass(100);
    Object.defineProperty(socket, 'isPaused', {
      get: () => {
        throw new Error('no such thing');
      },
    });

    expect(await made.registry.cleanup('ada')).toMatchObject({ outcome: 'failed', removed: 0 });
    await expect(made.manager('ada', 'late')).rejects.toMatchObject({ count: 1 });

    expect(manager.state).toBe('open');
    expect(made.eventsNamed('hookError')).toEqual([
      { hook: 'cleanup:requested', error: new Error('no such thing'), userId: 'ada' },
      { hook: 'cleanup:emergency', error: new Error('no such thing'), userId: 'ada' },
    ]);
    expect(made.eventsNamed('cleanupFinished').map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
    ]);
  });
});

describe('the age of managers', () => {
  test('a cleanup leaves a manager that is being closed', async () => {
    using made = clockBench({ birthGraceMs: 0 });
    const { manager, socket } = await made.connectClient('ada', 'tab-1', { closes: false });
    await made.pass(100);
    void manager.close();

    expect(await made.registry.cleanup('ada')).toMatchObject({ probed: 0, removed: 0 });
    expect(socket.pingedAtMs).toEqual([]);
  });

  test('a cleanup probes a manager that is birthGraceMs old, and none that is younger', async () => {
    using made = clockBench({ birthGraceMs: 5_000, heartbeatIntervalMs: 0 });
    const { socket } = await made.connectClient('ada', 'tab-1');
    await made.pass(4_999);
    expect(await made.registry.cleanup('ada')).toMatchObject({ probed: 0 });
    await made.pass(1);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(10);

    expect(await cleanup).toMatchObject({ probed: 1 });
    expect(socket.pingedAtMs).toEqual([5_000]);
  });
});
