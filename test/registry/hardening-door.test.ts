/** The door in hostile company: several on one server, and ends in the middle of everything. */
import type net from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { attach, type UpgradeRefusedEvent } from '../../src/index.ts';
import {
  attempt,
  bench,
  door,
  doors,
  once,
  record,
  sleep,
  until,
  upgradeText,
  userOfQuery,
} from './support.ts';

function connectionCount(made: { readonly server: net.Server }): Promise<number> {
  return new Promise((resolve) => made.server.getConnections((_, count) => resolve(count)));
}

test('two doors survive a client that resets an upgrade which neither takes', async () => {
  await using two = await doors(['/a', '/b']);
  const { made } = two;
  let answer = '';
  const peer = made.raw(upgradeText('/c'));
  peer.on('data', (chunk) => {
    answer += chunk.toString();
  });
  await until(() => answer !== '');

  peer.resetAndDestroy();
  await sleep(30);

  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(await connectionCount(made)).toBe(0);
});

test('of two doors that take everything the second leaves the upgrade to the first', async () => {
  await using two = await doors([undefined, undefined]);
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

test('an id of ill-formed UTF-8 is refused with 400', async () => {
  await using made = await door();

  for (const bytes of ['%FF', '%ED%A0%80', 'a%C0%AFb']) {
    for (const name of ['websocketClientId', 'threadId']) {
      const answer = await made.bench.exchange(upgradeText(`/?user=ada&${name}=${bytes}`));
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 400 [\\s\\S]*Invalid ${name}\n$`));
    }
  }
  expect(made.registry.size).toBe(0);
});

test('an id that is a replacement character, and ill-formed bytes elsewhere, are let in', async () => {
  await using made = await door();
  const id = encodeURIComponent('\uFFFD');

  const { status, headers } = await attempt(
    made.bench.client(`/?user=ada&token=%FF&websocketClientId=${id}&threadId=100%`),
  );

  expect(status).toBe(101);
  expect(headers['x-websocket-client-id']).toBe(id);
  expect(headers['x-thread-id']).toBe(encodeURIComponent('100%'));
});

test('an id of the query that is not used is not judged', async () => {
  await using made = await door({
    authenticate: () => ({ userId: 'ada', websocketClientId: 'tab-1', threadId: 'thread-1' }),
  });

  const { status } = await attempt(made.bench.client('/?websocketClientId=%FF&threadId=%FF'));

  expect(status).toBe(101);
});

test('a detach within a synchronous hook stops that upgrade', async () => {
  await using made = await door({
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

test('a shutdown ends with its deadline who lingers after a refusal', async () => {
  await using made = await door({ authenticate: () => new Promise(() => {}) });
  made.bench.raw(upgradeText('/'));
  await sleep(20);

  const startedAtMs = performance.now();
  await made.registry.shutdown({ drainMs: 150 });

  expect(performance.now() - startedAtMs).toBeLessThan(1_500);
  expect(await connectionCount(made)).toBe(0);
});

test('a shutdown ends with its deadline who was accepted to be closed', async () => {
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

test('a shutdown does not wait for its deadline when those it refused have left', async () => {
  await using made = await door({ authenticate: () => new Promise(() => {}) });
  const answer = made.bench.exchange(upgradeText('/'));
  await sleep(20);

  const startedAtMs = performance.now();
  await made.registry.shutdown({ drainMs: 20_000 });

  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  expect(await answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*going away\n$/);
});

test('a second, more impatient shutdown ends them sooner', async () => {
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

test('a detach ends who was accepted to be closed, and who was answered 404', async () => {
  await using made = await door(
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
  expect(await connectionCount(made)).toBe(1);
});

test('a refusal by the WebSocketServer itself is told with the status that went out', async () => {
  await using made = await bench();
  const { server, registry } = made;
  const webSocketServer = new WebSocketServer({
    noServer: true,
    verifyClient: ({ req }, answer) => {
      if (req.url?.includes('late')) setTimeout(() => answer(false, 418), 20);
      else answer(false, 402);
    },
  });
  await using _ = attach(registry, { server, webSocketServer, authenticate: userOfQuery });
  const refused: number[] = [];
  registry.on('upgradeRefused', ({ status }) => refused.push(status));

  expect((await attempt(made.client('/?user=ada'))).status).toBe(402);
  expect((await attempt(made.client('/?user=ada&late'))).status).toBe(418);

  await until(() => refused.length === 2);
  expect(refused).toEqual([402, 418]);
});
