/** Counters against what listeners counted. */
import { expect, test, vi } from 'vitest';
import type { RegistryStats } from '../../../src/index.ts';
import { attachedBench, attempt } from '../support/attached.ts';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { once, until } from '../support/waiting.ts';

async function live(isHeard: boolean): Promise<RegistryStats> {
  await using made = await attachedBench(
    {},
    { maxManagersPerUser: 5, birthGraceMs: 60_000, reconnectGraceMs: 60_000 },
  );
  const { registry } = made;
  if (isHeard) record(registry);
  const path = '/?user=ada&websocketClientId=tab';
  const first = made.bench.client(path);
  await once(first, 'open');
  first.close();
  await until(() => registry.stats().connections === 0);
  const manager = registry.get(contextOf('ada', 'tab'));
  manager?.send('missed');
  const second = made.bench.client(path);
  await once(second, 'message');
  await manager?.close();
  expect(await attempt(made.bench.client('/'))).toMatchObject({ status: 401 });
  const managers = [];
  for (const client of ['1', '2', '3', '4', '5']) {
    managers.push(await registry.acquire(contextOf('ada', client)));
  }
  await expect(registry.acquire(contextOf('ada', 'late'))).rejects.toThrow('5 of 5');
  expect(await registry.release(managers.at(0) as never)).toBe(true);
  registry.sweep();
  await registry.shutdown({ drainMs: 0 });
  return registry.stats();
}

test('every counter equals what a listener counted', async () => {
  await using made = await bench({ maxManagersPerUser: 4 });
  const { registry } = made;
  const events = record(registry);
  for (const client of ['1', '2', '3']) await made.connectClient('ada', `tab-${client}`);
  await made.connectUnresponsive('ada', 'mute');
  await registry.acquire(contextOf('ada', 'late')).catch(() => {});
  await registry.acquire(contextOf('ada', 'later')).catch(() => {});
  await registry.managers('ada')[0]?.close();
  await registry.shutdown({ drainMs: 100 });

  const counted = (name: string): number => namesOf(events).filter((each) => each === name).length;
  expect(registry.stats()).toMatchObject({
    managers: 0,
    connections: 0,
    managersCreated: counted('managerCreated'),
    managersRemoved: counted('managerRemoved'),
    connectionsOpened: counted('connectionOpened'),
    connectionsClosed: counted('connectionClosed'),
    limitsReached: counted('limitReached'),
  });
  expect(counted('managerCreated')).toBe(counted('managerRemoved'));
  expect(counted('connectionOpened')).toBe(counted('connectionClosed'));
  const { cleanupsStarted, cleanupsFinished } = registry.stats();
  expect(cleanupsStarted).toEqual(cleanupsFinished);
});

test('reading the registry changes nothing', async () => {
  await using made = await bench();
  const { registry } = made;
  const manager = await made.connectClient('ada', 'tab-1');
  const events = record(registry);
  const before = registry.stats();

  registry.get(contextOf('ada', 'tab-1'));
  registry.get(contextOf('absent-1', 'tab-1'));
  registry.count('absent-1');
  registry.managers();
  registry.audit();
  manager.connections.values();

  expect(registry.stats()).toEqual(before);
  expect(events).toEqual([]);
});

test('a wall clock that jumps keeps no manager and removes none', async () => {
  await using made = await bench({ reconnectGraceMs: 50 });
  const manager = await made.connectClient('ada', 'tab-1');
  const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 86_400_000);
  try {
    expect(await made.registry.cleanup('ada')).toMatchObject({ removed: 0 });
    now.mockReturnValue(0);
    await [...manager.connections.values()][0]?.release();

    await until(() => made.registry.size === 0);
  } finally {
    now.mockRestore();
  }
});

test('every counter is the same with and without listeners', async () => {
  const unheard = await live(false);

  expect(unheard).toEqual(await live(true));
  expect(unheard).toMatchObject({
    managersCreated: 6,
    managersRemoved: 6,
    managersRemovedBy: { closed: 1, released: 1, shutdown: 4 },
    connectionsOpened: 2,
    connectionsClosedBy: { peer: 1, manager: 1 },
    messagesReplayed: 1,
    cleanupsStarted: { proactive: 1, emergency: 1 },
    limitsReached: 1,
    upgradesRefused: 1,
    sweeps: 1,
    hookErrors: 0,
  });
});
