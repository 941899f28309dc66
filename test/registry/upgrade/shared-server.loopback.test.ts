/** Several upgrade listeners on one server, and whose an upgrade is by its path. */

import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { HookErrorEvent } from '../../../src/index.ts';
import { attachedBench, attempt, benchWithPaths } from '../support/attached.ts';
import { record } from '../support/events.ts';
import { openConnections, upgradeText } from '../support/loopback.ts';
import { once, sleep, until } from '../support/waiting.ts';

/** Says yes, later. */
const promised = (async () => true) as unknown as () => boolean;

describe('upgrades of other listeners', () => {
  test('upgrades of another path are left to another listener', async () => {
    await using made = await attachedBench({ path: '/chat' });
    const other = new WebSocketServer({ noServer: true });
    made.server.on('upgrade', (request, socket, head) => {
      if (!request.url?.startsWith('/other')) return;
      other.handleUpgrade(request, socket, head, (opened) => opened.close(4242));
    });

    const theirs = made.bench.client('/other');
    const ours = await attempt(made.bench.client('/chat?user=ada'));

    expect(await once<number>(theirs, 'close')).toBe(4242);
    expect(ours.status).toBe(101);
    expect(made.registry.size).toBe(1);
  });

  test('upgrades of another path are answered with 404 when there is no other listener', async () => {
    await using made = await attachedBench({ path: (request) => request.url === '/chat' });

    expect(await made.bench.exchange(upgradeText('/other'))).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('a path check that throws refuses the upgrade and is reported', async () => {
    await using made = await attachedBench({
      path: () => {
        throw new Error('boom');
      },
    });
    const reported = once<HookErrorEvent>(made.registry, 'hookError');

    expect(await made.bench.exchange(upgradeText('/'))).toMatch(/^HTTP\/1\.1 503 /);
    expect(await reported).toMatchObject({ hook: 'path' });
  });

  test('a shared WebSocketServer gets our headers on our upgrades only', async () => {
    await using made = await attachedBench({ path: '/chat' });
    made.server.on('upgrade', (request, socket, head) => {
      if (request.url !== '/other') return;
      made.webSocketServer.handleUpgrade(request, socket, head, () => {});
    });

    const other = await attempt(made.bench.client('/other'));

    expect(other.status).toBe(101);
    expect(other.headers['x-thread-id']).toBeUndefined();
  });
});

describe('two attachments on one server', () => {
  test('each of two attachments takes its own path', async () => {
    await using two = await benchWithPaths(['/chat', '/feed']);
    const { made } = two;

    expect((await attempt(made.client('/chat?user=ada'))).status).toBe(101);
    expect((await attempt(made.client('/feed?user=bob'))).status).toBe(101);

    await until(() => made.registry.size === 2);
  });

  test('an upgrade that neither of two attachments takes is answered once, with 404', async () => {
    await using two = await benchWithPaths(['/chat', '/feed']);

    const answer = await two.made.exchange(upgradeText('/nowhere'));

    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toContain('HTTP/1.1 404 Not Found');
  });

  test('an upgrade that neither of two attachments takes is left to another listener', async () => {
    await using two = await benchWithPaths(['/chat', '/feed']);
    const { made } = two;
    made.server.on('upgrade', (request, socket) => {
      if (request.url === '/other') socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n');
    });

    expect(await made.exchange(upgradeText('/other'))).toContain('418');
  });

  test('the second attachment answers when the first has detached', async () => {
    await using two = await benchWithPaths(['/chat', '/feed']);
    await two.attachments[0]?.detach();

    expect(await two.made.exchange(upgradeText('/chat'))).toContain('404');
    await two.attachments[1]?.detach();
    await sleep(1);
    expect(two.made.server.listenerCount('upgrade')).toBe(0);
  });
});

describe('two attachments and hostile clients', () => {
  test('two attachments survive a client that resets an upgrade which neither takes', async () => {
    await using two = await benchWithPaths(['/a', '/b']);
    const { made } = two;
    let answer = '';
    const peer = made.raw(upgradeText('/c'));
    peer.on('data', (chunk) => {
      answer += chunk.toString();
    });
    await until(() => answer !== '');

    peer.resetAndDestroy();

    await until(async () => (await openConnections(made.server)) === 0);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('the second of two attachments that take every path leaves the upgrade to the first', async () => {
    await using two = await benchWithPaths([undefined, undefined]);
    const { made } = two;
    const events = record(made.registry);
    const client = made.client('/?user=ada');
    const failures: unknown[] = [];
    client.on('error', (error) => failures.push(error));

    expect((await attempt(client)).status).toBe(101);
    client.ping();
    await once(client, 'pong');

    expect(failures).toEqual([]);
    expect(events.map(({ name }) => name)).toEqual([
      'managerCreated',
      'connectionOpened',
      'clientIntroduced',
    ]);
  });
});

describe('path predicates', () => {
  test('a path predicate that returns true takes the upgrade, also without a header deadline', async () => {
    await using made = await attachedBench({ path: () => true, headersTimeoutMs: 0 });

    expect((await attempt(made.bench.client('/any?user=ada'))).status).toBe(101);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('a path predicate that returns something other than true does not take the upgrade', async () => {
    await using made = await attachedBench({ path: (() => 'yes') as unknown as () => boolean });

    expect(await made.bench.exchange(upgradeText('/any?user=ada'))).toMatch(
      /^HTTP\/1\.1 404 Not Found\r\n.*\r\n\r\nNot found\n$/s,
    );
  });

  test('a path predicate that returns a promise refuses the upgrade, and the error says why', async () => {
    await using made = await attachedBench({ path: promised });
    const reported = once<HookErrorEvent>(made.registry, 'hookError');

    expect(await made.bench.exchange(upgradeText('/any?user=ada'))).toMatch(
      /^HTTP\/1\.1 503 .*\r\n\r\nThe check failed\n$/s,
    );
    expect(await reported).toMatchObject({
      hook: 'path',
      error: { message: expect.stringContaining('promise') },
    });
  });

  test('a path predicate that fails does not pass the upgrade to the next attachment', async () => {
    await using made = await benchWithPaths([promised, '/chat']);
    made.made.registry.on('hookError', () => {});

    expect((await attempt(made.made.client('/chat?user=ada'))).status).toBe(503);
  });
});
