/** Upgrades that are refused for want of room, or since the registry shuts down. */
import { describe, expect, test } from 'vitest';
import { Deferred } from '../../../src/internal/deferred.ts';
import { attachedBench, attempt } from '../support/attached.ts';
import { upgradeText } from '../support/loopback.ts';
import { once, until } from '../support/waiting.ts';

describe('upgrades without room', () => {
  test('an upgrade beyond the limit of the user is refused with 429 and Retry-After', async () => {
    await using made = await attachedBench(
      {},
      { maxManagersPerUser: 1, emergencyCooldownMs: 2_500 },
    );
    await attempt(made.bench.client('/?user=ada'));

    const { status, headers } = await attempt(made.bench.client('/?user=ada'));

    expect(status).toBe(429);
    expect(headers['retry-after']).toBe('3');
    expect(made.registry.stats()).toMatchObject({ managers: 1, limitsReached: 1 });
  });

  test('an upgrade beyond the total limit is refused with 503', async () => {
    await using made = await attachedBench({}, { maxManagers: 1 });
    await attempt(made.bench.client('/?user=ada'));

    const { status, headers } = await attempt(made.bench.client('/?user=bob'));

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
  });

  test('an upgrade beyond the limit is closed with 1013 by option, and leaves nothing', async () => {
    await using made = await attachedBench({ refuseWith: 'close' }, { maxManagersPerUser: 1 });
    await attempt(made.bench.client('/?user=ada'));
    const client = made.bench.client('/?user=ada');

    const code = await once<number>(client, 'close');

    expect(code).toBe(1013);
    expect(made.registry.stats()).toMatchObject({ managers: 1, connections: 1, limitsReached: 1 });
  });

  test('a mute peer that is closed with 1013 is terminated', async () => {
    await using made = await attachedBench({ refuseWith: 'close' }, { maxManagersPerUser: 1 });
    await attempt(made.bench.client('/?user=ada'));

    const answer = await made.bench.exchange(upgradeText('/?user=ada'));

    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    await until(() => made.webSocketServer.clients.size === 1);
  });

  test('an upgrade is refused with 503 when the registry is shut down', async () => {
    await using made = await attachedBench();
    await made.registry.shutdown();

    const { status, headers } = await attempt(made.bench.client('/?user=ada'));

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('5');
  });

  test('an upgrade that is being authenticated is refused with 503 when the registry shuts down', async () => {
    const asked = new Deferred<void>();
    await using made = await attachedBench({
      authenticate: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const answer = made.bench.exchange(upgradeText('/?user=ada'));
    await asked.promise;

    await made.registry.shutdown();

    expect(await answer).toMatch(/^HTTP\/1\.1 503 /);
  });

  test('an upgrade that waits for room is refused with 503 when the registry shuts down', async () => {
    await using made = await attachedBench({}, { maxManagersPerUser: 1, probeTimeoutMs: 10_000 });
    await made.bench.mutePeer('/?user=ada');
    const answer = made.bench.exchange(upgradeText('/?user=ada'));
    await until(() => made.registry.stats().waiting === 1);

    await made.registry.shutdown({ drainMs: 30 });

    expect(await answer).toMatch(/^HTTP\/1\.1 503 /);
  });
});
