import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { emergencyBudget } from '../../src/admission/cleanup.ts';
import {
  type CleanupReport,
  ManagerLimitError,
  RegistryClosedError,
  type RegistryOptions,
  type WebSocketManager,
} from '../../src/index.ts';
import { resolveOptions } from '../../src/options/resolve-options.ts';
import { type Bench, bench, contextOf, namesOf, once, record, sleep, until } from './support.ts';

async function fill(made: Bench, kind: 'tab' | 'muteTab', count: number): Promise<void> {
  for (let tab = 0; tab < count; tab += 1) await made[kind]('ada', `${kind}-${tab}`);
}

describe('the emergency cleanup', () => {
  test('with twenty mute peers lets the twenty-first in, in time', async () => {
    await using made = await bench({ birthGraceMs: 10_000 });
    await fill(made, 'muteTab', 20);
    const finished = once<CleanupReport>(made.registry, 'cleanupFinished');
    const events = record(made.registry);

    const startedAtMs = performance.now();
    const manager = await made.registry.acquire(contextOf('ada', 'late'));

    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
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

  test('evicts nobody who answers, and refuses', async () => {
    await using made = await bench({ maxManagersPerUser: 3 });
    await fill(made, 'tab', 3);

    const startedAtMs = performance.now();
    const refused = made.registry.acquire(contextOf('ada', 'late'));

    await expect(refused).rejects.toBeInstanceOf(ManagerLimitError);
    expect(performance.now() - startedAtMs).toBeLessThan(50);
    expect(made.registry.stats()).toMatchObject({ managers: 3, connections: 3, limitsReached: 1 });
  });

  test('asks no peer again within the cooldown, and counts it down', async () => {
    await using made = await bench({ maxManagersPerUser: 2, emergencyCooldownMs: 300 });
    await fill(made, 'tab', 2);
    await made.registry.acquire(contextOf('ada', 'late')).catch(() => {});
    await sleep(50);

    const again = await made.registry.acquire(contextOf('ada', 'late')).catch((error) => error);

    expect(again).toBeInstanceOf(ManagerLimitError);
    expect(again.retryAfterMs).toBeGreaterThan(0);
    expect(again.retryAfterMs).toBeLessThanOrEqual(260);
    expect(made.registry.stats().cleanupsStarted.emergency).toBe(1);
    await sleep(again.retryAfterMs + 5);
    await made.registry.acquire(contextOf('ada', 'late')).catch(() => {});
    expect(made.registry.stats().cleanupsStarted.emergency).toBe(2);
  });

  test('within the cooldown an empty manager still makes room', async () => {
    await using made = await bench({ maxManagersPerUser: 2, reconnectGraceMs: 10_000 });
    await fill(made, 'tab', 2);
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

  test('removes empty managers, oldest first and only as many as needed', async () => {
    await using made = await bench({
      maxManagersPerUser: 4,
      reconnectGraceMs: 10_000,
      birthGraceMs: 20,
    });
    await made.tab('ada', 'alive');
    for (const client of ['one', 'two', 'three']) {
      await made.registry.acquire(contextOf('ada', client));
    }
    const [alive, oldest, second, third] = made.registry.managers('ada');
    await sleep(25);

    const late = await made.registry.acquire(contextOf('ada', 'late'));

    expect(made.registry.managers('ada')).toEqual([alive, second, third, late]);
    expect(oldest?.state).toBe('closed');
  });

  test('leaves newborn managers whose connection is on the way', async () => {
    await using made = await bench({ maxManagersPerUser: 2, birthGraceMs: 10_000 });
    await made.registry.acquire(contextOf('ada', 'one'));
    await made.registry.acquire(contextOf('ada', 'two'));

    await expect(made.registry.acquire(contextOf('ada', 'late'))).rejects.toThrow(
      ManagerLimitError,
    );
    expect(made.registry.count('ada')).toBe(2);
  });

  test('is shared by concurrent acquires, who are served first come', async () => {
    await using made = await bench({ maxManagersPerUser: 3, birthGraceMs: 10_000 });
    await made.muteTab('ada', 'mute');
    await made.tab('ada', 'tab-0');
    await made.tab('ada', 'tab-1');
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

  test('of one user delays nobody else', async () => {
    await using made = await bench({ maxManagersPerUser: 1, probeTimeoutMs: 200 });
    await made.muteTab('ada', 'mute');
    const slow = made.registry.acquire(contextOf('ada', 'late'));

    const startedAtMs = performance.now();
    await made.registry.acquire(contextOf('bob', 'tab-1'));

    expect(performance.now() - startedAtMs).toBeLessThan(50);
    await slow;
  });

  test('serves a waiter as soon as a slot is free, not only at its end', async () => {
    await using made = await bench({ maxManagersPerUser: 2, probeTimeoutMs: 400 });
    const leaving = await made.tab('ada', 'leaving');
    await made.muteTab('ada', 'mute');

    const startedAtMs = performance.now();
    const late = made.registry.acquire(contextOf('ada', 'late'));
    void leaving.close();
    await late;

    expect(performance.now() - startedAtMs).toBeLessThan(200);
  });

  test('waits for a manager that is closing anyway, no longer than its deadline', async () => {
    await using made = await bench({
      maxManagersPerUser: 1,
      closeTimeoutMs: 60_000,
      emergencyDeadlineMs: 300,
    });
    const closing = await made.muteTab('ada', 'mute');
    void closing.close();

    const startedAtMs = performance.now();
    await made.registry.acquire(contextOf('ada', 'late'));

    expect(performance.now() - startedAtMs).toBeLessThan(330);
    expect(closing.state).toBe('closed');
  });

  test('ends in time with a peer that answers pings but refuses to close', async () => {
    await using made = await bench({ maxManagersPerUser: 1, emergencyDeadlineMs: 300 });
    const { socket } = await made.mute();
    const manager = await made.registry.acquire(contextOf('ada', 'mute'));
    manager.connect(socket);
    // A socket that does not even react to being destroyed: nothing worse can happen.
    const { terminate } = socket;
    socket.terminate = () => {};

    const startedAtMs = performance.now();
    await made.registry.acquire(contextOf('ada', 'late'));

    expect(performance.now() - startedAtMs).toBeLessThan(330);
    expect(made.registry.stats().hookErrors).toBe(1);
    terminate.call(socket);
  });

  test('that is interrupted by a shutdown tells the waiting so', async () => {
    await using made = await bench({ maxManagersPerUser: 1, probeTimeoutMs: 10_000 });
    await made.muteTab('ada', 'mute');
    const late = made.registry.acquire(contextOf('ada', 'late'));
    const finished = once<CleanupReport>(made.registry, 'cleanupFinished');

    const shutdown = made.registry.shutdown({ drainMs: 50 });

    await expect(late).rejects.toThrow(RegistryClosedError);
    await shutdown;
    expect(await finished).toMatchObject({ kind: 'emergency', outcome: 'interrupted' });
    expect(made.registry.audit()).toEqual([]);
  });
});

test('any combination of options fits the deadline', () => {
  const combinations: RegistryOptions[] = [
    {},
    { probeTimeoutMs: 60_000 },
    { closeTimeoutMs: 60_000, emergencyDeadlineMs: 1 },
    { probeTimeoutMs: 5_000, closeTimeoutMs: 5_000, emergencyDeadlineMs: 10_000 },
  ];
  for (const options of combinations) {
    const resolved = resolveOptions(options);
    const { probeMs, terminateAfterMs, detachMs } = emergencyBudget(resolved);

    expect(probeMs).toBeLessThanOrEqual(terminateAfterMs);
    expect(terminateAfterMs + detachMs).toBeLessThanOrEqual(resolved.emergencyDeadlineMs);
  }
});

describe('onLimit: replace-least-recent', () => {
  test('evicts exactly one, the least recently active, with an event', async () => {
    await using made = await bench({
      maxManagersPerUser: 3,
      birthGraceMs: 10_000,
      emergencyCooldownMs: 10_000,
      onLimit: 'replace-least-recent',
    });
    const { registry } = made;
    const clients = new Map<WebSocketManager, WebSocket>();
    for (const name of ['one', 'two', 'three']) {
      const { socket, client } = await made.pair();
      const manager = await registry.acquire(contextOf('ada', name));
      manager.connect(socket);
      clients.set(manager, client);
    }
    // The first newcomer has everybody probed; from now on the cooldown keeps activity as it is.
    await registry.acquire(contextOf('ada', 'late-1'));
    const [talking, silent] = registry.managers('ada');
    const before = silent?.lastActivityMs ?? 0;
    if (talking !== undefined) clients.get(talking)?.send('still here');
    await until(() => (talking?.lastActivityMs ?? 0) > before + 1);
    const events = record(registry);

    const late = await registry.acquire(contextOf('ada', 'late-2'));

    const removed = events.filter(({ name }) => name === 'managerRemoved');
    expect(removed).toHaveLength(1);
    expect(removed[0]?.event).toMatchObject({ reason: 'replaced', manager: silent });
    expect(registry.managers('ada')).toContain(late);
    expect(registry.count('ada')).toBe(3);
    expect(registry.stats().limitsReached).toBe(0);
  });

  test('tells the evicted client with 4429', async () => {
    await using made = await bench({ maxManagersPerUser: 1, onLimit: 'replace-least-recent' });
    const manager = await made.registry.acquire(contextOf('ada', 'one'));
    const { socket, client } = await made.pair();
    manager.connect(socket);
    const closed = once<number>(client, 'close');

    const late = await made.registry.acquire(contextOf('ada', 'late'));

    expect(await closed).toBe(4429);
    expect(manager.state).toBe('closed');
    expect(made.registry.managers()).toEqual([late]);
    expect(made.registry.audit()).toEqual([]);
  });

  test('gives each of several newcomers one place', async () => {
    await using made = await bench({ maxManagersPerUser: 3, onLimit: 'replace-least-recent' });
    await fill(made, 'tab', 3);

    const late = await Promise.all(
      ['a1', 'a2', 'a3'].map((client) => made.registry.acquire(contextOf('ada', client))),
    );

    expect(new Set(made.registry.managers('ada'))).toEqual(new Set(late));
    expect(made.registry.stats().managersRemovedBy.replaced).toBe(3);
  });
});
