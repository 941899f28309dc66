import { describe, expect, test } from 'vitest';
import type { HookErrorEvent } from '../../../src/index.ts';
import { attachedBench, attempt } from '../support/attached.ts';
import { openConnections, readAll, upgradeText } from '../support/loopback.ts';
import { once, sleep, until } from '../support/waiting.ts';

type AttachedBenchOptions = Parameters<typeof attachedBench>[0];

describe('refused upgrades', () => {
  const noUser = upgradeText('/');

  test('a refusal is byte for byte the same each time, and closes the connection', async () => {
    await using made = await attachedBench();

    expect(await made.bench.exchange(noUser)).toBe(
      'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 22\r\nWWW-Authenticate: Bearer\r\n\r\nAuthentication failed\n',
    );
  });

  const cases: readonly [string, string, number, AttachedBenchOptions?][] = [
    ['a user that is not authenticated', noUser, 401],
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

  test.each(cases)('an upgrade with %s is refused', async (_what, text, status, options) => {
    await using made = await attachedBench(options);

    const answer = await made.bench.exchange(text);

    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(lengthIsRight(answer)).toBe(true);
    await until(() => made.registry.size === 0);
    expect(made.registry.stats()).toMatchObject({ upgradesRefused: 1, connections: 0 });
    expect(made.registry.stats().managersCreated).toBe(made.registry.stats().managersRemoved);
  });

  test('an upgrade with a wrong version is told the version that is right', async () => {
    await using made = await attachedBench();

    expect(
      await made.bench.exchange(upgradeText('/?user=ada', { 'Sec-WebSocket-Version': '7' })),
    ).toContain('\r\nSec-WebSocket-Version: 13\r\n');
  });

  test('a check that throws refuses the upgrade and is reported as a hookError', async () => {
    await using made = await attachedBench({
      authorizeThread: () => {
        throw new Error('boom');
      },
    });
    const reported = once<HookErrorEvent>(made.registry, 'hookError');

    await made.bench.exchange(upgradeText('/?user=ada&threadId=thread-1'));

    expect(await reported).toMatchObject({ hook: 'authorizeThread', userId: 'ada' });
  });

  test('authorizeThread is not asked about a derived thread', async () => {
    await using made = await attachedBench({ authorizeThread: () => false });

    expect((await attempt(made.bench.client('/?user=ada'))).status).toBe(101);
  });

  test('a half-closed client still gets the whole refusal', async () => {
    await using made = await attachedBench({
      authenticate: async () => {
        await sleep(30);
        return null;
      },
    });
    const peer = made.bench.raw('');
    peer.end(upgradeText('/'));

    expect(await readAll(peer)).toMatch(/^HTTP\/1\.1 401 [\s\S]*Authentication failed\n$/);
  });

  test('a client whose request has a body still gets the whole refusal', async () => {
    await using made = await attachedBench({
      authenticate: async () => {
        await sleep(30);
        return null;
      },
    });
    const peer = made.bench.raw(upgradeText('/', { 'Content-Length': '1000000' }));
    const answer = readAll(peer);
    peer.write(Buffer.alloc(500_000));
    await sleep(10);
    peer.write(Buffer.alloc(100_000));

    expect(await answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*Authentication failed\n$/);
  });

  test('a refused client that never closes is disconnected', async () => {
    await using made = await attachedBench();
    const peer = made.bench.raw(noUser);
    await readAll(peer);

    await until(async () => (await openConnections(made.server)) === 0);
    peer.destroy();
  });
});

function lengthIsRight(answer: string): boolean {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return Number(/Content-Length: (\d+)/i.exec(head)?.[1]) === Buffer.byteLength(body);
}
