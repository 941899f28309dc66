/** Events that nobody hears are counted all the same. */
import { expect, test } from 'vitest';
import type { RegistryStats } from '../../src/index.ts';
import { attempt, contextOf, door, once, record, until } from './support.ts';

async function live(isHeard: boolean): Promise<RegistryStats> {
  await using made = await door(
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

test('every counter is the same whether or not somebody listens', async () => {
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
