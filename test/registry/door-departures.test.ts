import type { Server } from 'node:http';
import type net from 'node:net';
import { describe, expect, test } from 'vitest';
import { attach, type UpgradeRefusedEvent } from '../../src/index.ts';
import { bench, contextOf, door, once, sleep, until, upgradeText, userOfQuery } from './support.ts';

describe('a client that is gone', () => {
  test.each([
    ['without a body', {}],
    ['with a body', { 'Content-Length': '10' }],
  ])(
    'by a reset during authentication, %s, leaves nothing and crashes nothing',
    async (_, headers) => {
      let admit: (value: { userId: string }) => void = () => {};
      await using made = await door({
        authenticate: () =>
          new Promise((resolve) => {
            admit = resolve;
          }),
      });
      const refused = once<UpgradeRefusedEvent>(made.registry, 'upgradeRefused');
      const peer = made.bench.raw(upgradeText('/', headers));
      await sleep(20);

      peer.resetAndDestroy();
      expect(await refused).toMatchObject({ status: 0 });
      admit({ userId: 'ada' });
      await sleep(20);

      expect(made.registry.stats()).toMatchObject({ managersCreated: 0, managers: 0, waiting: 0 });
    },
  );

  test('while it waits for room gives its place up', async () => {
    await using made = await door({}, { maxManagersPerUser: 1, probeTimeoutMs: 200 });
    await made.bench.mutePeer('/?user=ada');
    await until(() => made.registry.stats().connections === 1);
    const peer = made.bench.raw(upgradeText('/?user=ada'));
    await until(() => made.registry.stats().waiting === 1);

    peer.resetAndDestroy();
    const finished = once(made.registry, 'cleanupFinished');
    await finished;
    await sleep(20);

    expect(made.registry.stats()).toMatchObject({
      managersCreated: 1,
      limitsReached: 0,
      waiting: 0,
    });
  });

  test("after its manager was made takes it along, but never somebody else's", async () => {
    await using made = await door();
    const { registry } = made;
    registry.on('managerCreated', () => {
      // The worst moment: the manager is there, the handshake is not.
      for (const socket of sockets) socket.destroy();
    });
    const sockets: net.Socket[] = [];
    made.server.on('connection', (socket) => sockets.push(socket));

    made.bench.raw(upgradeText('/?user=ada&websocketClientId=tab-1'));
    await until(() => registry.stats().managersCreated === 1);
    await until(() => registry.size === 0);

    expect(registry.stats().managersRemovedBy.released).toBe(1);
    expect(registry.audit()).toEqual([]);
  });

  test('leaves an idle manager of its thread to its own grace', async () => {
    await using made = await door({}, { reconnectGraceMs: 150 });
    const { registry } = made;
    const manager = await registry.acquire(contextOf('ada', 'tab-1'));
    let kill = (): void => {};
    made.server.on('connection', (socket) => {
      kill = () => socket.destroy();
    });
    made.webSocketServer.shouldHandle = () => {
      kill();
      return true;
    };

    made.bench.raw(upgradeText('/?user=ada&websocketClientId=tab-1'));
    await sleep(60);

    expect(manager.state).toBe('open');
    expect(registry.stats()).toMatchObject({ connectionsOpened: 0, managers: 1 });
    await until(() => registry.size === 0);
  });
});

describe('headers that never finish', () => {
  test('are answered with 408 after headersTimeoutMs', async () => {
    await using made = await door({ headersTimeoutMs: 40 });

    const answer = await made.bench.exchange('GET / HTTP/1.1\r\nHost: x\r\n');

    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await until(() => connectionCount(made.server) === 0);
  });

  test('do not concern a request that is being answered, nor an upgrade', async () => {
    await using made = await door({ headersTimeoutMs: 60 });
    made.server.on('request', (_request, response) => {
      setTimeout(() => response.end('late'), 100);
    });
    const client = made.bench.client('/?user=ada');

    const answer = await made.bench.exchange(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    await sleep(20);

    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(client.readyState).toBe(client.OPEN);
  });

  test('are left to the server when it is stricter', async () => {
    await using made = await bench();
    made.server.headersTimeout = 1_000;
    const before = made.server.listenerCount('connection');

    const attachment = attach(made.registry, {
      server: made.server,
      webSocketServer: made.webSocketServer,
      authenticate: userOfQuery,
    });

    expect(made.server.listenerCount('connection')).toBe(before);
    await attachment.detach();
  });
});

function connectionCount(server: Server): number {
  let count = -1;
  server.getConnections((_error, open) => {
    count = open;
  });
  return count === -1 ? Reflect.get(server, '_connections') : count;
}
