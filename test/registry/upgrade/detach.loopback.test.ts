/** What a detach ends, and what it leaves open. */

import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { attach, type UpgradeRefusedEvent } from '../../../src/index.ts';
import { attachedBench, attempt, userOfQuery } from '../support/attached.ts';
import { bench } from '../support/bench.ts';
import { openConnections, upgradeText } from '../support/loopback.ts';
import { once, until } from '../support/waiting.ts';

test('a detach ends pending upgrades with 503 and keeps open connections', async () => {
  let asked = 0;
  await using made = await attachedBench({
    authenticate: () => {
      asked += 1;
      return asked === 1 ? { userId: 'ada' } : new Promise(() => {});
    },
  });
  const client = made.bench.client('/');
  await attempt(client);
  const answer = made.bench.exchange(upgradeText('/'));
  await until(() => asked === 2);

  await made.attachment.detach();

  expect(await answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(client.readyState).toBe(client.OPEN);
  expect(made.server.listenerCount('upgrade')).toBe(0);
});

test('a detach tells a client in authentication when to come back, and leaves no listener', async () => {
  let ask = (): void => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  await using made = await attachedBench({
    authenticate: () => {
      ask();
      return new Promise(() => {});
    },
  });
  const answer = made.bench.exchange(upgradeText('/?user=ada'));
  await asked;

  await made.attachment.detach();

  expect(await answer).toMatch(
    /^HTTP\/1\.1 503 .*Retry-After: 5\r\n\r\nThe server is going away\n$/s,
  );
  expect(made.webSocketServer.listenerCount('headers')).toBe(0);
  expect(made.server.listenerCount('upgrade')).toBe(0);
});

test('a detach within a synchronous hook stops that upgrade', async () => {
  await using made = await attachedBench({
    authenticate: () => {
      void made.attachment.detach();
      return { userId: 'ada' };
    },
  });

  expect((await attempt(made.bench.client('/'))).status).toBe(503);

  expect(made.registry.stats()).toMatchObject({ managers: 0, upgradesRefused: 1 });
});

test('a detach within the handshake closes that upgrade with 1013', async () => {
  await using made = await bench();
  const attachment = attach(made.registry, {
    server: made.server,
    webSocketServer: new WebSocketServer({
      noServer: true,
      verifyClient: () => {
        void attachment.detach();
        return true;
      },
    }),
    authenticate: userOfQuery,
  });
  const refused = once<UpgradeRefusedEvent>(made.registry, 'upgradeRefused');

  const client = made.client('/?user=ada');

  expect(await once<number>(client, 'close')).toBe(1013);
  expect(await refused).toMatchObject({ status: 1013, reason: 'The server is going away' });
  expect(made.registry.size).toBe(0);
});

test('a detach ends a client that was accepted to be closed and one that was answered 404', async () => {
  await using made = await attachedBench(
    { refuseWith: 'close', path: '/chat' },
    { maxManagersPerUser: 1, closeTimeoutMs: 20_000 },
  );
  const client = made.bench.client('/chat?user=ada');
  await attempt(client);
  await made.bench.mutePeer('/chat?user=ada');
  await once(made.bench.raw(upgradeText('/other')), 'data');
  await until(() => made.registry.stats().upgradesRefused === 1);

  await made.attachment.detach();

  expect(client.readyState).toBe(client.OPEN);
  expect(made.webSocketServer.clients.size).toBe(1);
  expect(await openConnections(made.server)).toBe(1);
});
