import { expect, test } from 'vitest';
import { RegistryClosedError } from '../../../src/index.ts';
import { type Bench, bench, contextOf } from '../support/bench.ts';
import { record } from '../support/events.ts';
import { until } from '../support/waiting.ts';

/** Tabs of a user each, and when their clients were told to go, and how. */
async function tabs(made: Bench, count: number) {
  const told: { readonly atMs: number; readonly code: number; readonly reason: string }[] = [];
  for (let tab = 0; tab < count; tab += 1) {
    const { socket, client } = await made.pair();
    (await made.registry.acquire(contextOf(`user-${tab}`, 'tab'))).connect(socket);
    client.on('close', (code, reason) => {
      told.push({ atMs: performance.now(), code, reason: reason.toString() });
    });
  }
  return told;
}

test('a drain tells one batch of clients at a time', async () => {
  await using made = await bench();
  const told = await tabs(made, 9);
  const startedAtMs = performance.now();

  const shutdown = made.registry.shutdown({ drainMs: 5_000, batchSize: 3, batchIntervalMs: 150 });
  await shutdown;
  await until(() => told.length === 9);

  // The second batch is told after one interval, the third after two.
  expect((told[3]?.atMs ?? 0) - startedAtMs).toBeGreaterThan(140);
  expect((told[6]?.atMs ?? 0) - startedAtMs).toBeGreaterThan(290);
  expect(made.registry.size).toBe(0);
});

test('a drain tells each client to come back after a time of its own', async () => {
  await using made = await bench({ drainRetryMaxMs: 1_000_000 });
  const told = await tabs(made, 8);

  await made.registry.shutdown();
  await until(() => told.length === 8);

  const waits = told.map(({ code, reason }) => {
    expect(code).toBe(1001);
    const [, ms] = /^restart; retry after (\d+) ms$/.exec(reason) ?? [];
    return Number(ms);
  });
  expect(waits.every((ms) => ms >= 1 && ms <= 1_000_000)).toBe(true);
  expect(new Set(waits).size).toBeGreaterThan(4);
});

test('a drain refuses acquires and connects at once, also for managers that were not told yet', async () => {
  await using made = await bench();
  await tabs(made, 4);
  const last = made.registry.managers().at(-1);
  const { socket } = await made.pair();

  const shutdown = made.registry.shutdown({ drainMs: 5_000, batchSize: 1, batchIntervalMs: 50 });

  await expect(made.registry.acquire(contextOf('cyd', 'tab'))).rejects.toThrow(RegistryClosedError);
  expect(last?.state).toBe('open');
  expect(() => last?.connect(socket)).toThrow(RegistryClosedError);
  expect(last?.send('still here')).toBe(1);
  await shutdown;
});

test('a drain terminates mute peers of every batch at the one deadline', async () => {
  await using made = await bench();
  for (const tab of ['1', '2', '3', '4']) await made.connectUnresponsive('ada', tab);

  const startedAtMs = performance.now();
  const report = await made.registry.shutdown({ drainMs: 400, batchSize: 1, batchIntervalMs: 40 });

  expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  expect(report).toMatchObject({ managers: 4, connections: 4, terminated: 4 });
});

test('a second call with a shorter time tells all remaining clients at once', async () => {
  await using made = await bench();
  const told = await tabs(made, 6);

  void made.registry.shutdown({ drainMs: 60_000, batchSize: 1, batchIntervalMs: 10_000 });
  await made.registry.shutdown({ drainMs: 1_000 });

  await until(() => told.length === 6);
  expect(made.registry.size).toBe(0);
});

test('a drain removes empty managers first, and reports what waited in them', async () => {
  await using made = await bench({ birthGraceMs: 10_000 });
  await tabs(made, 2);
  const empty = await made.registry.acquire(contextOf('zoe', 'tab'));
  empty.send('undelivered');
  const events = record(made.registry);

  const shutdown = made.registry.shutdown({ drainMs: 2_000, batchSize: 1, batchIntervalMs: 50 });

  expect(empty.state).toBe('closed');
  expect(events.find(({ name }) => name === 'messagesDropped')?.event).toMatchObject({
    reason: 'manager-removed',
  });
  await shutdown;
});
