/** What keeps a manager without a connection: the reservation of an upgrade, and a recent acquire. */
import { describe, expect, test } from 'vitest';
import type { WebSocketManager } from '../../../src/index.ts';
import { kCore, kIdleLifetime } from '../../../src/internal/symbols.ts';
import { contextOf } from '../support/bench.ts';
import { type ClockBench, clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

/** What an upgrade does before its handshake. */
function reserve({ registry }: ClockBench, client: string): Promise<WebSocketManager> {
  return new Promise((resolve, reject) => {
    const waiter = { reserve: true, wanted: true, resolve, reject };
    registry[kCore].admit(contextOf('ada', client), waiter);
  });
}

const NO_GRACE = { birthGraceMs: 0, reconnectGraceMs: 0 };

describe('reserved managers', () => {
  test('a reserved manager is not empty: it stays, and is not released', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    await made.pass(20_000);
    expect(await reserve(made, 'tab-1')).toBe(manager);
    expect(manager.lastActivityMs).toBe(20_000);

    await made.pass(100_000);
    expect(manager.state).toBe('open');
    expect(await made.registry.release(manager)).toBe(false);
    expect(made.registry.audit()).toEqual([]);
  });

  test('a reserved manager goes at once when the upgrade dies and no other caller wanted it', async () => {
    using made = clockBench();
    const manager = await reserve(made, 'tab-1');
    await reserve(made, 'tab-1');
    await made.pass(100);

    manager[kIdleLifetime].unreserve();
    expect(manager.state).toBe('open');
    manager[kIdleLifetime].unreserve();

    expect(manager.state).toBe('closed');
    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'released', ageMs: 100 }]);
    expect(made.eventsNamed('managerIdle')).toEqual([]);
  });

  test('a reserved manager has its grace when the upgrade dies and a caller acquired it', async () => {
    using made = clockBench({ birthGraceMs: 10_000, reconnectGraceMs: 30_000 });
    const manager = await made.manager('ada', 'tab-1');
    await reserve(made, 'tab-1');
    await made.pass(12_000);

    manager[kIdleLifetime].unreserve();
    expect(made.eventsNamed('managerIdle')).toMatchObject([{ manager, graceMs: 18_000 }]);
    expect(made.registry.audit()).toEqual([]);
    await made.pass(17_999);
    expect(manager.state).toBe('open');
    await made.pass(1);

    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'idle' }]);
  });

  test('a reserved manager has what is left of its grace when the upgrade dies and it had a connection', async () => {
    using made = clockBench({ reconnectGraceMs: 30_000 });
    const manager = await reserve(made, 'tab-1');
    const socket = new FakeSocket();
    connect(manager, socket);
    manager[kIdleLifetime].unreserve();
    expect(made.eventsNamed('managerIdle')).toEqual([]);
    await reserve(made, 'tab-1');
    socket.gone(1001, '');
    expect(made.eventsNamed('managerIdle')).toEqual([]);
    await made.pass(5_000);

    manager[kIdleLifetime].unreserve();
    expect(made.eventsNamed('managerIdle')).toMatchObject([{ graceMs: 25_000 }]);
    await made.pass(24_999);
    expect(manager.state).toBe('open');
    await made.pass(1);

    expect(manager.state).toBe('closed');
  });

  test('a reserved manager that is being closed is not told to be idle', async () => {
    using made = clockBench();
    const { manager } = await made.connectClient('ada', 'tab-1', { closes: false });
    await reserve(made, 'tab-1');
    void manager.close();

    manager[kIdleLifetime].unreserve();
    await made.pass(10_000);

    expect(manager.state).toBe('closed');
    expect(made.eventsNamed('managerIdle')).toEqual([]);
    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'closed' }]);
  });

  test('a reserved manager that was closed meanwhile is not told to be idle', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    await reserve(made, 'tab-1');
    await manager.close();
    expect(manager.state).toBe('closed');

    manager[kIdleLifetime].unreserve();
    await made.pass(100_000);

    expect(made.eventsNamed('managerIdle')).toEqual([]);
    expect(made.eventsNamed('managerRemoved')).toHaveLength(1);
  });

  test('a reserved manager is not removed for another acquire, however old it is', async () => {
    using made = clockBench({ maxManagersPerUser: 1, emergencyCooldownMs: 0 });
    const manager = await reserve(made, 'tab-1');
    await made.pass(50_000);

    await expect(made.manager('ada', 'other')).rejects.toMatchObject({ count: 1, removed: 0 });
    manager[kIdleLifetime].unreserve();

    expect(await made.manager('ada', 'other')).toMatchObject({ state: 'open' });
  });
});

describe('acquired empty managers', () => {
  const alone = { maxManagersPerUser: 1, emergencyCooldownMs: 0, reconnectGraceMs: 100_000 };

  test('an acquired empty manager is not removed for another acquire before its birthGraceMs is over', async () => {
    using made = clockBench({ ...alone, birthGraceMs: 10_000 });
    const manager = await made.manager('ada', 'tab-1');
    await made.pass(9_999);
    await expect(made.manager('ada', 'other')).rejects.toMatchObject({ removed: 0 });
    await made.pass(1);

    expect(await made.manager('ada', 'other')).toMatchObject({ state: 'open' });
    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ manager, reason: 'emergency' }]);
  });

  test('an acquired empty manager has a birthGraceMs from its last acquire', async () => {
    using made = clockBench({ ...alone, birthGraceMs: 10_000 });
    await made.manager('ada', 'tab-1');
    await made.pass(20_000);
    await made.manager('ada', 'tab-1');
    await made.pass(9_999);

    await expect(made.manager('ada', 'other')).rejects.toMatchObject({ removed: 0 });
    await made.pass(1);
    expect(await made.manager('ada', 'other')).toMatchObject({ state: 'open' });
  });

  test('an acquired empty manager has a moment also without any grace', async () => {
    using made = clockBench({ ...alone, birthGraceMs: 0 });
    await made.manager('ada', 'tab-1');
    await made.pass(9);
    await expect(made.manager('ada', 'other')).rejects.toMatchObject({ removed: 0 });
    await made.pass(1);

    expect(await made.manager('ada', 'other')).toMatchObject({ state: 'open' });
  });

  test('an empty manager that had a connection makes room at once', async () => {
    using made = clockBench({ ...alone, birthGraceMs: 10_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');
    await made.pass(1);
    socket.gone(1001, '');

    expect(await made.manager('ada', 'other')).toMatchObject({ state: 'open' });
  });

  test('an acquired empty manager stays for the turn of its caller and a moment after it', async () => {
    using made = clockBench({ ...alone, birthGraceMs: 0, emergencyCooldownMs: 60_000 });
    const { socket, manager } = await made.connectClient('ada', 'first');
    const refused = expect(made.manager('ada', 'other')).rejects.toMatchObject({ removed: 0 });
    await made.pass(10);
    await refused;
    socket.gone(1001, '');
    await made.registry.release(manager);

    const given = made.manager('ada', 'tab-1');
    made.stall(50);
    const other = made.manager('ada', 'other');
    await expect(other).rejects.toMatchObject({ removed: 0 });
    await made.pass(9);
    await expect(made.manager('ada', 'other')).rejects.toMatchObject({ removed: 0 });
    expect((await given).state).toBe('open');
  });

  test('an acquired empty manager stays for the turn of its caller when a sweep comes meanwhile', async () => {
    using made = clockBench(NO_GRACE);

    const given = made.manager('ada', 'tab-1');
    made.stall(50);
    made.registry.sweep();

    expect((await given).state).toBe('open');
    await made.pass(20);
    expect((await given).state).toBe('closed');
  });

  test('a manager that had a connection when it was acquired has no further moment', async () => {
    using made = clockBench({ birthGraceMs: 10_000, reconnectGraceMs: 0 });
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    expect(await made.manager('ada', 'tab-1')).toBe(manager);
    await made.pass(1);

    socket.gone(1001, '');

    expect(manager.state).toBe('closed');
  });

  test('an acquired empty manager is scheduled once, however often it is acquired', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    await made.pass(100);
    await made.manager('ada', 'tab-1');
    made.stall(60_000);

    expect(made.registry.sweep()).toMatchObject({ managers: 1 });
    expect(manager.state).toBe('closed');
  });
});

describe('audits of scheduled removals', () => {
  test('the audit finds nothing while a manager is acquired, connected, left and closed', async () => {
    using made = clockBench({ birthGraceMs: 0, reconnectGraceMs: 1_000 });
    const manager = await made.manager('ada', 'tab-1');
    expect(made.registry.audit()).toEqual([]);
    const socket = new FakeSocket({ closes: false });
    connect(manager, socket);
    expect(made.registry.audit()).toEqual([]);
    socket.gone(1001, '');
    expect(made.registry.audit()).toEqual([]);
    const again = await made.connectClient('ada', 'tab-1', { closes: false });
    void again.manager.close();

    expect(made.registry.audit()).toEqual([]);
  });
});

test('an empty manager whose timer is late goes with a cleanup, from the end of its grace on', async () => {
  using made = clockBench({ birthGraceMs: 0, reconnectGraceMs: 30_000, heartbeatIntervalMs: 0 });
  const { manager, socket } = await made.connectClient('ada', 'tab-1');
  await made.pass(1_000);
  socket.gone(1001, '');
  made.stall(29_999);
  expect(await made.registry.cleanup('ada')).toMatchObject({ probed: 0, removed: 0 });
  made.stall(1);

  expect(await made.registry.cleanup('ada')).toMatchObject({ probed: 0, removed: 1, count: 0 });
  expect(made.eventsNamed('managerRemoved')).toMatchObject([{ manager, reason: 'requested' }]);
});
