/** Shutdowns while upgrades are pending or being refused. */
import type net from 'node:net';
import { expect, test } from 'vitest';
import { attempt, door } from '../support/attached.ts';
import { upgradeText } from '../support/loopback.ts';
import { sleep, until } from '../support/waiting.ts';

function connectionCount(made: { readonly server: net.Server }): Promise<number> {
  return new Promise((resolve) => made.server.getConnections((_, count) => resolve(count)));
}

test('a shutdown ends a client that lingers after a refusal', async () => {
  await using made = await door({ authenticate: () => new Promise(() => {}) });
  made.bench.raw(upgradeText('/'));
  await sleep(20);

  const startedAtMs = performance.now();
  await made.registry.shutdown({ drainMs: 150 });

  expect(performance.now() - startedAtMs).toBeLessThan(1_500);
  expect(await connectionCount(made)).toBe(0);
});

test('a shutdown ends a client that was accepted to be closed', async () => {
  await using made = await door(
    { refuseWith: 'close' },
    { maxManagersPerUser: 1, closeTimeoutMs: 10_000 },
  );
  await attempt(made.bench.client('/?user=ada'));
  await made.bench.mutePeer('/?user=ada');
  await until(() => made.registry.stats().upgradesRefused === 1);

  const startedAtMs = performance.now();
  await made.registry.shutdown({ drainMs: 150 });

  expect(performance.now() - startedAtMs).toBeLessThan(1_500);
  expect(made.webSocketServer.clients.size).toBe(0);
  expect(await connectionCount(made)).toBe(0);
});

test('a shutdown does not wait for its deadline when the refused clients have left', async () => {
  await using made = await door({ authenticate: () => new Promise(() => {}) });
  const answer = made.bench.exchange(upgradeText('/'));
  await sleep(20);

  const startedAtMs = performance.now();
  await made.registry.shutdown({ drainMs: 20_000 });

  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  expect(await answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*going away\n$/);
});

test('a second, shorter shutdown ends lingering clients sooner', async () => {
  await using made = await door({ authenticate: () => new Promise(() => {}) });
  made.bench.raw(upgradeText('/'));
  await sleep(20);

  const patient = made.registry.shutdown({ drainMs: 20_000 });
  const startedAtMs = performance.now();
  await made.registry.shutdown({ drainMs: 0 });
  await patient;

  expect(performance.now() - startedAtMs).toBeLessThan(1_500);
  expect(await connectionCount(made)).toBe(0);
});
