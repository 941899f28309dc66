import { expect, test } from 'vitest';
import { RegistryClosedError } from '../../../src/index.ts';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { once } from '../support/waiting.ts';

test('a shutdown closes all connections with 1001 and leaves nothing', async () => {
  await using made = await bench();
  const { registry } = made;
  const manager = await registry.acquire(contextOf('ada', 'tab-1'));
  const { socket, client } = await made.pair();
  manager.connect(socket);
  await registry.acquire(contextOf('bob', 'tab-1'));
  const events = record(registry);
  const closed = once<number>(client, 'close');

  const report = await registry.shutdown();

  expect(await closed).toBe(1001);
  expect(report).toMatchObject({ managers: 2, connections: 1, terminated: 0 });
  expect(registry.size).toBe(0);
  expect(namesOf(events).at(0)).toBe('shutdownStarted');
  expect(namesOf(events).at(-1)).toBe('shutdownFinished');
  expect(registry.stats().managersRemovedBy.shutdown).toBe(2);
});

test('a shutdown terminates a mute peer within drainMs', async () => {
  await using made = await bench({ closeTimeoutMs: 60_000 });
  await made.connectUnresponsive('ada', 'tab-1');

  const startedAtMs = performance.now();
  const report = await made.registry.shutdown({ drainMs: 100 });

  expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  expect(report).toMatchObject({ terminated: 1 });
  expect(made.registry.size).toBe(0);
});

test('a shutdown ends a close that is under way', async () => {
  await using made = await bench({ closeTimeoutMs: 60_000 });
  const manager = await made.connectUnresponsive('ada', 'tab-1');
  const closed = manager.close();

  await made.registry.shutdown({ drainMs: 50 });

  await closed;
  expect(manager.state).toBe('closed');
});

test('a shutdown refuses acquires that wait for a closing key', async () => {
  await using made = await bench({ closeTimeoutMs: 60_000 });
  const manager = await made.connectUnresponsive('ada', 'tab-1');
  void manager.close();
  const waiting = made.registry.acquire(contextOf('ada', 'tab-1'));

  const shutdown = made.registry.shutdown({ drainMs: 30 });

  await expect(waiting).rejects.toThrow(RegistryClosedError);
  await shutdown;
  expect(made.registry.size).toBe(0);
});

test('a registry that is shut down still answers what it can', async () => {
  await using made = await bench();
  await made.registry.shutdown();

  expect(made.registry.get(contextOf('ada', 'tab-1'))).toBeUndefined();
  expect(await made.registry.cleanup('ada')).toMatchObject({ removed: 0 });
  expect(made.registry.audit()).toEqual([]);
});
