import { expect, test } from 'vitest';
import { InvalidOptionError, RegistryClosedError } from '../../src/index.ts';
import { bench, contextOf, namesOf, once, record } from './support.ts';

test('closes everybody with 1001 and leaves nothing', async () => {
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

test('terminates a mute peer and settles within drainMs', async () => {
  await using made = await bench({ closeTimeoutMs: 60_000 });
  await made.muteTab('ada', 'tab-1');

  const startedAtMs = performance.now();
  const report = await made.registry.shutdown({ drainMs: 100 });

  expect(performance.now() - startedAtMs).toBeLessThan(120);
  expect(report).toMatchObject({ terminated: 1 });
  expect(made.registry.size).toBe(0);
});

test('a second call returns the same promise, and a shorter time brings the end nearer', async () => {
  await using made = await bench();
  await made.muteTab('ada', 'tab-1');

  const startedAtMs = performance.now();
  const first = made.registry.shutdown({ drainMs: 60_000 });
  const second = made.registry.shutdown({ drainMs: 20 });

  expect(second).toBe(first);
  await first;
  expect(performance.now() - startedAtMs).toBeLessThan(100);
});

test('a longer time does not put the end off', async () => {
  await using made = await bench();
  await made.muteTab('ada', 'tab-1');

  const startedAtMs = performance.now();
  void made.registry.shutdown({ drainMs: 20 });
  await made.registry.shutdown({ drainMs: 60_000 });

  expect(performance.now() - startedAtMs).toBeLessThan(100);
});

test('drainMs 0 terminates at once', async () => {
  await using made = await bench();
  await made.muteTab('ada', 'tab-1');

  const report = await made.registry.shutdown({ drainMs: 0 });

  expect(report.durationMs).toBeLessThan(50);
  expect(made.registry.size).toBe(0);
});

test('brings a close that is under way to its end', async () => {
  await using made = await bench({ closeTimeoutMs: 60_000 });
  const manager = await made.muteTab('ada', 'tab-1');
  const closed = manager.close();

  await made.registry.shutdown({ drainMs: 50 });

  await closed;
  expect(manager.state).toBe('closed');
});

test('refuses those who wait for a key that is closing', async () => {
  await using made = await bench({ closeTimeoutMs: 60_000 });
  const manager = await made.muteTab('ada', 'tab-1');
  void manager.close();
  const waiting = made.registry.acquire(contextOf('ada', 'tab-1'));

  const shutdown = made.registry.shutdown({ drainMs: 30 });

  await expect(waiting).rejects.toThrow(RegistryClosedError);
  await shutdown;
  expect(made.registry.size).toBe(0);
});

test('a wrong drainMs is refused and shuts nothing down', async () => {
  await using made = await bench();

  await expect(made.registry.shutdown({ drainMs: -1 })).rejects.toThrow(InvalidOptionError);
  expect((await made.registry.acquire(contextOf('ada', 'tab-1'))).state).toBe('open');
});

test('await using shuts down', async () => {
  await using made = await bench();
  const manager = await made.tab('ada', 'tab-1');
  {
    await using registry = made.registry;
    expect(registry.size).toBe(1);
  }

  expect(manager.state).toBe('closed');
});

test('a shut down registry answers what it can', async () => {
  await using made = await bench();
  await made.registry.shutdown();

  expect(made.registry.get(contextOf('ada', 'tab-1'))).toBeUndefined();
  expect(await made.registry.cleanup('ada')).toMatchObject({ removed: 0 });
  expect(made.registry.audit()).toEqual([]);
});
