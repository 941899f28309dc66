/** Shutdowns while upgrades are pending or being refused. */
import { expect, test } from 'vitest';
import { Deferred } from '../../../src/internal/deferred.ts';
import { attachedBench, attempt } from '../support/attached.ts';
import { openConnections, upgradeText } from '../support/loopback.ts';
import { until } from '../support/waiting.ts';

test('a shutdown ends a client that lingers after a refusal', async () => {
  const asked = new Deferred<void>();
  await using made = await attachedBench({
    authenticate: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  made.bench.raw(upgradeText('/'));
  await asked.promise;

  await made.registry.shutdown({ drainMs: 150 });

  expect(await openConnections(made.server)).toBe(0);
});

test('a shutdown ends a client that was accepted to be closed', async () => {
  await using made = await attachedBench(
    { refuseWith: 'close' },
    { maxManagersPerUser: 1, closeTimeoutMs: 10_000 },
  );
  await attempt(made.bench.client('/?user=ada'));
  await made.bench.mutePeer('/?user=ada');
  await until(() => made.registry.stats().upgradesRefused === 1);

  await made.registry.shutdown({ drainMs: 150 });

  expect(made.webSocketServer.clients.size).toBe(0);
  expect(await openConnections(made.server)).toBe(0);
});

test('a shutdown does not wait for its deadline when the refused clients have left', async () => {
  const asked = new Deferred<void>();
  await using made = await attachedBench({
    authenticate: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const answer = made.bench.exchange(upgradeText('/'));
  await asked.promise;

  const startedAtMs = performance.now();
  await made.registry.shutdown({ drainMs: 20_000 });

  expect(performance.now() - startedAtMs).toBeLessThan(15_000);
  expect(await answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*going away\n$/);
});

test('a second, shorter shutdown ends lingering clients sooner', async () => {
  const asked = new Deferred<void>();
  await using made = await attachedBench({
    authenticate: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  made.bench.raw(upgradeText('/'));
  await asked.promise;

  const patient = made.registry.shutdown({ drainMs: 20_000 });
  const startedAtMs = performance.now();
  await made.registry.shutdown({ drainMs: 0 });
  await patient;

  expect(performance.now() - startedAtMs).toBeLessThan(15_000);
  expect(await openConnections(made.server)).toBe(0);
});
