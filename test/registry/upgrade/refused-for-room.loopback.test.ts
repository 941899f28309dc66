/** Upgrades that are refused for want of room, or since the registry shuts down. */
import { describe, expect, test } from 'vitest';
import { Deferred } from '../../../src/internal/deferred.ts';
import { attachedBench, attempt } from '../support/attached.ts';
import { upgradeText } from '../support/loopback.ts';
import { once, until } from '../support/waiting.ts';

type DoorOptionsOf = Parameters<typeof attachedBench>[0];

describe('upgrades without room', () => {
  const noUser = upgradeText('/');

  const _cases: readonly [string, string, number, DoorOptionsOf?][] = [
    ['who is not authenticated', noUser, 401],
    [
      'a forbidden origin',
      upgradeText('/?user=ada', { Origin: 'https://evil.example' }),
      403,
      {
        checkOrigin: (origin) => origin === 'https://good.example',
      },
    ],
    [
      'a forbidden origin, asynchronously',
      upgradeText('/?user=ada'),
      403,
      {
        checkOrigin: async () => false,
      },
    ],
    [
      'a forbidden thread',
      upgradeText('/?user=eve&threadId=of-ada'),
      403,
      {
        authorizeThread: async (userId) => userId === 'ada',
      },
    ],
    ['a blank client id', upgradeText('/?user=ada&websocketClientId='), 400],
    ['a placeholder user', upgradeText('/?user=undefined'), 400],
    ['an over-long thread id', upgradeText(`/?user=ada&threadId=${'x'.repeat(257)}`), 400],
    ['another protocol', upgradeText('/?user=ada', { Upgrade: 'h2c' }), 400],
    ['a missing key', upgradeText('/?user=ada', { 'Sec-WebSocket-Key': undefined }), 400],
    ['a malformed key', upgradeText('/?user=ada', { 'Sec-WebSocket-Key': 'short' }), 400],
    ['a POST', upgradeText('/?user=ada').replace('GET', 'POST'), 400],
    ['a wrong version', upgradeText('/?user=ada', { 'Sec-WebSocket-Version': '12' }), 426],
    [
      'a failing authentication',
      noUser,
      503,
      {
        authenticate: async () => {
          throw new Error('database down');
        },
      },
    ],
    [
      'a throwing authentication',
      noUser,
      503,
      {
        authenticate: () => {
          throw new Error('database down');
        },
      },
    ],
    [
      'an authentication that never ends',
      noUser,
      503,
      {
        authenticate: () => new Promise(() => {}),
        authenticationTimeoutMs: 30,
      },
    ],
    [
      'a malformed subprotocol, by ws',
      upgradeText('/?user=ada', {
        'Sec-WebSocket-Protocol': 'a,,b',
      }),
      400,
    ],
  ];

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
