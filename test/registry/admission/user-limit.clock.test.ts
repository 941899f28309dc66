import { describe, expect, test } from 'vitest';
import { ManagerLimitError, RegistryClosedError } from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';
import { type ClockBench, clockBench } from '../support/clock.ts';

async function fill(made: ClockBench, count: number, manners = {}): Promise<void> {
  for (let tab = 0; tab < count; tab += 1) await made.connectClient('ada', `tab-${tab}`, manners);
}

/** How a call ends, however it does. */
const settled = (call: Promise<unknown>): Promise<unknown> => call.catch((error) => error);

describe('the limit of a user', () => {
  test('an acquire is refused when all peers answer, with the limit, the count and the time to retry', async () => {
    using made = clockBench({ maxManagersPerUser: 2, emergencyCooldownMs: 5_000 });
    await made.connectClient('bob', 'tab-1');
    await fill(made, 2);
    const late = contextOf('ada', 'late');

    const refused = settled(made.registry.acquire(late));
    await made.pass(10);

    expect(await refused).toBeInstanceOf(ManagerLimitError);
    expect(await refused).toMatchObject({
      code: 'ERR_LEAKTIGHT_MANAGER_LIMIT',
      userId: 'ada',
      count: 2,
      limit: 2,
      removed: 0,
      retryAfterMs: 5_000,
      message: 'User ada already holds 2 of 2 managers, retry after 5000 ms',
    });
    expect(made.eventsNamed('limitReached')).toEqual([
      {
        scope: 'user',
        userId: 'ada',
        threadId: late.threadId,
        isolationKey: late.isolationKey,
        count: 2,
        limit: 2,
        removed: 0,
        retryAfterMs: 5_000,
      },
    ]);
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'full', startedCount: 2, count: 2, probed: 2, removed: 0 },
    ]);
  });

  test('the cooldown of an emergency counts down, and ends', async () => {
    using made = clockBench({ maxManagersPerUser: 1, emergencyCooldownMs: 5_000 });
    await fill(made, 1);
    const first = settled(made.manager('ada', 'late'));
    await made.pass(10);
    await first;

    const again = settled(made.manager('ada', 'late'));
    expect(await again).toMatchObject({ retryAfterMs: 4_991, removed: 0 });
    await made.pass(4_990);
    expect(await settled(made.manager('ada', 'late'))).toMatchObject({ retryAfterMs: 1 });
    expect(made.eventsNamed('cleanupStarted')).toHaveLength(1);
    await made.pass(1);
    const anew = settled(made.manager('ada', 'late'));
    await made.pass(10);

    expect(await anew).toBeInstanceOf(ManagerLimitError);
    expect(made.eventsNamed('cleanupStarted')).toMatchObject([
      { kind: 'emergency', userId: 'ada', count: 1, limit: 1 },
      { kind: 'emergency' },
    ]);
  });

  test('mute peers are closed within probeTimeoutMs, and the waiting acquire is served', async () => {
    using made = clockBench({
      maxManagersPerUser: 3,
      proactiveThreshold: 1,
      probeTimeoutMs: 2_000,
    });
    await fill(made, 3, { pongs: false });
    const waiting = made.manager('ada', 'late');
    let manager: unknown;
    void waiting.then((found) => {
      manager = found;
    });

    await made.pass(1_999);
    expect(manager).toBeUndefined();
    await made.pass(10);

    expect(manager).toMatchObject({ state: 'open' });
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'room', startedCount: 3, probed: 3, removed: 3, count: 1 },
    ]);
    expect(made.eventsNamed('managerRemoved').map(({ reason }) => reason)).toEqual(
      Array(3).fill('emergency'),
    );
    expect(made.eventsNamed('connectionClosed')).toMatchObject(
      Array(3).fill({ code: 4408, cause: 'manager', reason: 'unresponsive' }),
    );
  });

  test('an empty manager makes room, the oldest first, also within the cooldown', async () => {
    using made = clockBench({
      maxManagersPerUser: 3,
      birthGraceMs: 100,
      reconnectGraceMs: 600_000,
    });
    await fill(made, 1);
    const second = await made.manager('ada', 'second');
    await made.pass(10);
    const third = await made.manager('ada', 'third');
    await made.pass(200);

    const fourth = made.manager('ada', 'fourth');
    await made.pass(10);
    expect(await fourth).toMatchObject({ state: 'open' });
    expect(second.state).toBe('closed');
    expect(third.state).toBe('open');
    await made.pass(200);
    const fifth = await made.manager('ada', 'fifth');

    expect(fifth.state).toBe('open');
    expect(third.state).toBe('closed');
    expect(
      made.eventsNamed('cleanupStarted').filter(({ kind }) => kind === 'emergency'),
    ).toHaveLength(1);
    expect(
      made.eventsNamed('cleanupFinished').filter(({ kind }) => kind === 'emergency'),
    ).toMatchObject([{ removed: 1, probed: 1, outcome: 'room' }]);
  });

  test('a new manager that waits for its connection makes no room', async () => {
    using made = clockBench({ maxManagersPerUser: 2, birthGraceMs: 10_000 });
    const managers = [await made.manager('ada', 'one'), await made.manager('ada', 'two')];

    const refused = settled(made.manager('ada', 'late'));
    await made.pass(10);

    expect(await refused).toBeInstanceOf(ManagerLimitError);
    expect(managers.map(({ state }) => state)).toEqual(['open', 'open']);
  });

  test('a paused peer is not probed, and stays', async () => {
    using made = clockBench({ maxManagersPerUser: 1 });
    const { socket, manager } = await made.connectClient('ada', 'tab-1', { pongs: false });
    socket.isPaused = true;

    const refused = settled(made.manager('ada', 'late'));
    await made.pass(2_010);

    expect(await refused).toBeInstanceOf(ManagerLimitError);
    expect(socket.pingedAtMs).toEqual([]);
    expect(manager.state).toBe('open');
  });

  test('a closing manager makes room, and no empty manager goes for it', async () => {
    using made = clockBench({
      maxManagersPerUser: 3,
      proactiveThreshold: 1,
      birthGraceMs: 0,
      reconnectGraceMs: 600_000,
      closeTimeoutMs: 60_000,
    });
    const { manager, socket } = await made.connectClient('ada', 'leaving', { closes: false });
    const empty = [await made.manager('ada', 'one'), await made.manager('ada', 'two')];
    await made.pass(100);
    void manager.close();

    const late = made.manager('ada', 'late');
    await made.pass(9_002);

    expect(await late).toMatchObject({ state: 'open' });
    expect(socket.terminatedAtMs).toBe(9_100);
    expect(empty.map(({ state }) => state)).toEqual(['open', 'open']);
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'room', removed: 0, probed: 0, durationMs: 9_001 },
    ]);
  });

  test('a shutdown interrupts an emergency cleanup', async () => {
    using made = clockBench({ maxManagersPerUser: 1 });
    await fill(made, 1, { pongs: false });
    const waiting = settled(made.manager('ada', 'late'));

    void made.registry.shutdown();
    await made.pass(3_000);

    expect(await waiting).toBeInstanceOf(RegistryClosedError);
    expect(await waiting).toMatchObject({ message: expect.stringContaining('shut down') });
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'interrupted' },
    ]);
  });
});
