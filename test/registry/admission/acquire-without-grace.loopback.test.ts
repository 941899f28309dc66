/** Acquires of a registry that gives empty managers no grace. */
import { expect, test } from 'vitest';
import { type RegistryOptions, WebSocketManagerRegistry } from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';
import { sleep, until } from '../support/waiting.ts';

const graceless: RegistryOptions = {
  maxManagersPerUser: 3,
  birthGraceMs: 0,
  reconnectGraceMs: 0,
  emergencyCooldownMs: 10_000,
  emergencyDeadlineMs: 100,
};

test.each([
  ['without a birth grace', { birthGraceMs: 0 }],
  ['without any grace', { birthGraceMs: 0, reconnectGraceMs: 0 }],
  [
    'without any grace, evicting',
    { birthGraceMs: 0, reconnectGraceMs: 0, onLimit: 'replace-least-recent' },
  ],
] as const)('a manager is open when its acquire resolves, %s', async (_, options) => {
  const registry = new WebSocketManagerRegistry({ ...graceless, ...options });
  const states: string[] = [];

  for (let round = 0; round < 2; round += 1) {
    // The second round finds the user full and within the cooldown.
    await Promise.allSettled(
      Array.from({ length: 40 }, async (_, client) => {
        const manager = await registry.acquire(contextOf('ada', `${round}-${client}`));
        states.push(manager.state);
      }),
    );
    await sleep(30);
  }

  expect(new Set(states)).toEqual(new Set(['open']));
  expect(registry.audit()).toEqual([]);
  await registry.shutdown({ drainMs: 0 });
});

test('a manager stays open until the caller goes on, however long the turn lasts', async () => {
  const registry = new WebSocketManagerRegistry({ ...graceless, maxManagersPerUser: 1 });
  await registry.acquire(contextOf('ada', 'full'));
  await registry.acquire(contextOf('ada', 'refused')).catch(() => {});
  await until(() => registry.size === 0);

  const first = registry.acquire(contextOf('ada', 'first'));
  const endMs = performance.now() + 40;
  while (performance.now() < endMs);
  registry.sweep();
  const second = registry.acquire(contextOf('ada', 'second'));

  expect((await first).state).toBe('open');
  await expect(second).rejects.toMatchObject({ code: 'ERR_LEAKTIGHT_MANAGER_LIMIT' });
  await registry.shutdown({ drainMs: 0 });
});

test('a manager without connections goes soon, without any grace', async () => {
  const registry = new WebSocketManagerRegistry(graceless);
  await registry.acquire(contextOf('ada', 'tab-1'));

  await until(() => registry.size === 0);
});

test('another acquire postpones the end of an empty manager, without any grace', async () => {
  const registry = new WebSocketManagerRegistry(graceless);
  const context = contextOf('ada', 'tab-1');
  const manager = await registry.acquire(context);

  const endMs = performance.now() + 40;
  while (performance.now() < endMs);
  const again = registry.acquire(context);
  await again;
  await Promise.resolve();

  expect(await again).toBe(manager);
  expect(manager.state).toBe('open');
  await registry.shutdown({ drainMs: 0 });
});
