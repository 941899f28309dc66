import { describe, expect, test } from 'vitest';
import { type CleanupReport, ManagerLimitError, RegistryClosedError } from '../../../src/index.ts';
import { type Bench, bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { once, sleep, until } from '../support/waiting.ts';

async function fill(
  made: Bench,
  kind: 'connectClient' | 'connectUnresponsive',
  count: number,
): Promise<void> {
  for (let tab = 0; tab < count; tab += 1) await made[kind]('ada', `${kind}-${tab}`);
}

describe('the emergency cleanup', () => {
  test('an emergency cleanup of twenty mute peers lets the twenty-first client in', async () => {
    await using made = await bench({ birthGraceMs: 60_000, emergencyDeadlineMs: 20_000 });
    await fill(made, 'connectUnresponsive', 20);
    const finished = once<CleanupReport>(made.registry, 'cleanupFinished');
    const events = record(made.registry);

    const manager = await made.registry.acquire(contextOf('ada', 'late'));

    expect(manager.state).toBe('open');
    await finished;
    await until(() => namesOf(events).includes('cleanupFinished'));
    expect(events.find(({ name }) => name === 'cleanupFinished')?.event).toMatchObject({
      kind: 'emergency',
      startedCount: 20,
      probed: 20,
      removed: 20,
      outcome: 'room',
    });
    expect(made.registry.managers('ada')).toEqual([manager]);
  });

  test('an emergency cleanup evicts no peer that answers, and the acquire is refused', async () => {
    await using made = await bench({ maxManagersPerUser: 3 });
    await fill(made, 'connectClient', 3);

    await expect(made.registry.acquire(contextOf('ada', 'late'))).rejects.toThrow(
      ManagerLimitError,
    );
    expect(made.registry.stats()).toMatchObject({ managers: 3, connections: 3, limitsReached: 1 });
  });

  test('an emergency cleanup probes no peer again within its cooldown', async () => {
    await using made = await bench({ maxManagersPerUser: 2, emergencyCooldownMs: 60_000 });
    await fill(made, 'connectClient', 2);
    await made.registry.acquire(contextOf('ada', 'late')).catch(() => {});
    await sleep(50);

    const again = await made.registry.acquire(contextOf('ada', 'late')).catch((error) => error);

    expect(again).toBeInstanceOf(ManagerLimitError);
    expect(again.retryAfterMs).toBeGreaterThan(0);
    expect(again.retryAfterMs).toBeLessThanOrEqual(59_960);
    expect(made.registry.stats().cleanupsStarted.emergency).toBe(1);
  });

  test('an empty manager makes room within the cooldown of an emergency cleanup', async () => {
    await using made = await bench({ maxManagersPerUser: 2, reconnectGraceMs: 10_000 });
    await fill(made, 'connectClient', 2);
    const [first] = made.registry.managers('ada');
    await made.registry.acquire(contextOf('ada', 'late')).catch(() => {});
    for (const connection of first?.connections.values() ?? []) await connection.release();

    const late = await made.registry.acquire(contextOf('ada', 'late'));

    expect(late.state).toBe('open');
    expect(first?.state).toBe('closed');
    expect(made.registry.stats()).toMatchObject({
      cleanupsStarted: { emergency: 1 },
      managersRemovedBy: { emergency: 1 },
    });
  });

  test('an emergency cleanup removes empty managers, oldest first and only as many as needed', async () => {
    await using made = await bench({
      maxManagersPerUser: 4,
      reconnectGraceMs: 10_000,
      birthGraceMs: 20,
    });
    await made.connectClient('ada', 'alive');
    for (const client of ['one', 'two', 'three']) {
      await made.registry.acquire(contextOf('ada', client));
    }
    const [alive, oldest, second, third] = made.registry.managers('ada');
    await sleep(25);

    const late = await made.registry.acquire(contextOf('ada', 'late'));

    expect(made.registry.managers('ada')).toEqual([alive, second, third, late]);
    expect(oldest?.state).toBe('closed');
  });

  test('an emergency cleanup leaves new managers whose connection is on the way', async () => {
    await using made = await bench({ maxManagersPerUser: 2, birthGraceMs: 10_000 });
    await made.registry.acquire(contextOf('ada', 'one'));
    await made.registry.acquire(contextOf('ada', 'two'));

    await expect(made.registry.acquire(contextOf('ada', 'late'))).rejects.toThrow(
      ManagerLimitError,
    );
    expect(made.registry.count('ada')).toBe(2);
  });

  test('concurrent acquires share one emergency cleanup and are served in order', async () => {
    await using made = await bench({ maxManagersPerUser: 3, birthGraceMs: 10_000 });
    await made.connectUnresponsive('ada', 'mute');
    await made.connectClient('ada', 'tab-0');
    await made.connectClient('ada', 'tab-1');
    const events = record(made.registry);

    const results = await Promise.allSettled(
      ['first', 'second', 'third'].map((client) => made.registry.acquire(contextOf('ada', client))),
    );

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(results[1]).toMatchObject({ reason: { removed: 1, count: 3, limit: 3 } });
    expect(namesOf(events).filter((name) => name === 'cleanupStarted')).toHaveLength(1);
    expect(made.registry.stats()).toMatchObject({
      cleanupsStarted: { emergency: 1 },
      limitsReached: 2,
    });
  });

  test('an emergency cleanup of one user delays no other user', async () => {
    await using made = await bench({ maxManagersPerUser: 1, probeTimeoutMs: 200 });
    await made.connectUnresponsive('ada', 'mute');
    const slow = made.registry.acquire(contextOf('ada', 'late'));

    await made.registry.acquire(contextOf('bob', 'tab-1'));

    expect(made.registry.stats().cleanupsFinished.emergency).toBe(0);
    await slow;
  });

  test('an emergency cleanup serves a waiting acquire as soon as a slot is free', async () => {
    await using made = await bench({
      maxManagersPerUser: 2,
      probeTimeoutMs: 30_000,
      emergencyDeadlineMs: 60_000,
    });
    const leaving = await made.connectClient('ada', 'leaving');
    await made.connectUnresponsive('ada', 'mute');

    const late = made.registry.acquire(contextOf('ada', 'late'));
    void leaving.close();
    await late;

    expect(made.registry.stats().cleanupsFinished.emergency).toBe(0);
  });

  test('an emergency cleanup waits for a closing manager no longer than its deadline', async () => {
    await using made = await bench({
      maxManagersPerUser: 1,
      closeTimeoutMs: 60_000,
      emergencyDeadlineMs: 300,
    });
    const closing = await made.connectUnresponsive('ada', 'mute');
    void closing.close();

    const startedAtMs = performance.now();
    await made.registry.acquire(contextOf('ada', 'late'));

    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
    expect(closing.state).toBe('closed');
  });

  test('an emergency cleanup ends in time when a socket refuses to be destroyed', async () => {
    await using made = await bench({ maxManagersPerUser: 1, emergencyDeadlineMs: 300 });
    const { socket } = await made.mute();
    const manager = await made.registry.acquire(contextOf('ada', 'mute'));
    manager.connect(socket);
    // A socket that does not even react to being destroyed: nothing worse can happen.
    const { terminate } = socket;
    socket.terminate = () => {};

    const startedAtMs = performance.now();
    await made.registry.acquire(contextOf('ada', 'late'));

    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
    expect(made.registry.stats().hookErrors).toBe(1);
    terminate.call(socket);
  });

  test('an emergency cleanup that a shutdown interrupts refuses the waiting acquires', async () => {
    await using made = await bench({ maxManagersPerUser: 1, probeTimeoutMs: 10_000 });
    await made.connectUnresponsive('ada', 'mute');
    const late = made.registry.acquire(contextOf('ada', 'late'));
    const finished = once<CleanupReport>(made.registry, 'cleanupFinished');

    const shutdown = made.registry.shutdown({ drainMs: 50 });

    await expect(late).rejects.toThrow(RegistryClosedError);
    await shutdown;
    expect(await finished).toMatchObject({ kind: 'emergency', outcome: 'interrupted' });
    expect(made.registry.audit()).toEqual([]);
  });
});
