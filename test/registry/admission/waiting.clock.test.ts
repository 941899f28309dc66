/** Acquires that wait for room. */
import { describe, expect, test } from 'vitest';
import { ManagerLimitError, RegistryClosedError } from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';
import { type ClockBench, clockBench } from '../support/clock.ts';

async function fill(made: ClockBench, count: number, manners = {}): Promise<void> {
  for (let tab = 0; tab < count; tab += 1) await made.connectClient('ada', `tab-${tab}`, manners);
}

/** How a call ends, however it does. */
const settled = (call: Promise<unknown>): Promise<unknown> => call.catch((error) => error);

describe('waiting acquires', () => {
  test('an acquire is served by the deadline when peers do not even close', async () => {
    using made = clockBench({
      maxManagersPerUser: 2,
      emergencyDeadlineMs: 3_000,
      probeTimeoutMs: 2_000,
      closeTimeoutMs: 60_000,
    });
    await fill(made, 2, { pongs: false, closes: false, dies: false });
    const waiting = made.manager('ada', 'late');
    let settledAtMs: number | undefined;
    void waiting.then(() => {
      settledAtMs = performance.now();
    });

    await made.pass(3_000);

    expect(settledAtMs).toBeGreaterThan(2_600);
    expect(settledAtMs).toBeLessThanOrEqual(3_000);
  });

  test('waiting acquires are served in the order in which they came', async () => {
    using made = clockBench({ maxManagersPerUser: 3, proactiveThreshold: 1 });
    await made.connectClient('ada', 'mute', { pongs: false });
    await fill(made, 2);

    const calls = ['first', 'second', 'third'].map((client) =>
      settled(made.manager('ada', client)),
    );
    await made.pass(2_010);
    const results = await Promise.all(calls);

    expect(results[0]).toMatchObject({ state: 'open' });
    expect(results[1]).toMatchObject({ removed: 1, count: 3 });
    expect(results[2]).toMatchObject({ removed: 1, count: 3 });
    expect(made.eventsNamed('cleanupStarted')).toHaveLength(1);
    expect(made.eventsNamed('limitReached')).toHaveLength(2);
  });

  test('all acquires that wait for one thread get the same manager', async () => {
    using made = clockBench({ maxManagersPerUser: 1 });
    await fill(made, 1, { pongs: false });

    const calls = [1, 2, 3].map(() => made.manager('ada', 'late'));
    await made.pass(2_010);

    expect(new Set(await Promise.all(calls)).size).toBe(1);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('a thousand acquires may wait, and the next is refused at once', async () => {
    using made = clockBench({ maxManagersPerUser: 1 });
    await fill(made, 1, { pongs: false });
    const calls = [];
    for (let call = 0; call < 1_000; call += 1)
      calls.push(settled(made.manager('ada', `c-${call}`)));

    expect(await settled(made.manager('ada', 'one-more'))).toMatchObject({
      code: 'ERR_LEAKTIGHT_MANAGER_LIMIT',
      retryAfterMs: 0,
    });
    await made.pass(2_010);

    const results = await Promise.all(calls);
    expect(results[0]).toMatchObject({ state: 'open' });
    expect(results.slice(1).every((result) => result instanceof ManagerLimitError)).toBe(true);
  });

  test('a client that leaves by itself makes room for the waiting acquire', async () => {
    using made = clockBench({ maxManagersPerUser: 1, probeTimeoutMs: 2_000 });
    const { manager } = await made.connectClient('ada', 'tab-1', { pongs: false });
    const waiting = made.manager('ada', 'late');
    await made.pass(500);

    void manager.close();
    await made.pass(1);

    expect(await waiting).toMatchObject({ state: 'open' });
    await made.pass(5_000);
    expect(made.eventsNamed('limitReached')).toEqual([]);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('waiting acquires of one user do not delay another user', async () => {
    using made = clockBench({ maxManagersPerUser: 1 });
    await fill(made, 1, { pongs: false });
    void settled(made.manager('ada', 'late'));

    expect(await made.manager('bob', 'tab-1')).toMatchObject({ state: 'open' });
  });
});

describe('threads whose manager is closing', () => {
  test('a thread whose manager is closing has one new manager when that is gone', async () => {
    using made = clockBench({ closeTimeoutMs: 3_000, maxManagersPerUser: 1 });
    const { manager } = await made.connectClient('ada', 'tab-1', { closes: false });
    void manager.close();
    const calls = [made.manager('ada', 'tab-1'), made.manager('ada', 'tab-1')];
    expect(made.registry.get(contextOf('ada', 'tab-1'))).toBeUndefined();

    await made.pass(3_001);
    const [one, other] = await Promise.all(calls);

    expect(one).toBe(other);
    expect(one).not.toBe(manager);
    expect(one?.state).toBe('open');
    expect(made.eventsNamed('managerCreated')).toHaveLength(2);
    expect(made.eventsNamed('cleanupStarted')).toEqual([]);
  });

  test('an acquire that waits for a closing manager is refused when the registry shuts down', async () => {
    using made = clockBench();
    const { manager } = await made.connectClient('ada', 'tab-1', { closes: false });
    void manager.close();
    const waiting = settled(made.manager('ada', 'tab-1'));

    void made.registry.shutdown();

    expect(await waiting).toBeInstanceOf(RegistryClosedError);
    expect(await settled(made.manager('bob', 'tab-1'))).toMatchObject({
      code: 'ERR_LEAKTIGHT_REGISTRY_CLOSED',
    });
  });
});

describe('the total limit', () => {
  test('an acquire past the total limit is refused at once, and no peer is probed', async () => {
    using made = clockBench({ maxManagers: 2 });
    const { socket } = await made.connectClient('ada', 'tab-1');
    await made.connectClient('bob', 'tab-1');

    expect(await settled(made.manager('ada', 'tab-2'))).toMatchObject({
      code: 'ERR_LEAKTIGHT_TOTAL_LIMIT',
      count: 2,
      limit: 2,
      retryAfterMs: 0,
      message: 'The registry already holds 2 of 2 managers',
    });

    expect(made.eventsNamed('limitReached')).toMatchObject([
      { scope: 'total', userId: 'ada', count: 2 },
    ]);
    expect(socket.pingedAtMs).toEqual([]);
    expect(await made.manager('ada', 'tab-1')).toMatchObject({ state: 'open' });
  });
});
