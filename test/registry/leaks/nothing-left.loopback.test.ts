import type { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { attachedBench, attempt } from '../support/attached.ts';
import { bench, contextOf } from '../support/bench.ts';
import { upgradeText } from '../support/loopback.ts';
import { sleep, until } from '../support/waiting.ts';

/** Delays that were asked for and neither fired nor were cleared, by counting the global timers. */
const pending = new Set<unknown>();

beforeEach(() => {
  pending.clear();
  const { setTimeout: realSet, clearTimeout: realClear } = globalThis;
  vi.stubGlobal(
    'setTimeout',
    Object.assign((call: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      const timer = realSet(() => {
        pending.delete(timer);
        call(...args);
      }, ms);
      pending.add(timer);
      return timer;
    }, realSet),
  );
  vi.stubGlobal('clearTimeout', (timer: NodeJS.Timeout | undefined) => {
    pending.delete(timer);
    realClear(timer);
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const ourEvents = ['close', 'error', 'message', 'ping', 'pong'];

function listenersOf(socket: WebSocket): number {
  const { _receiver: receiver } = socket as unknown as { readonly _receiver: EventEmitter };
  const below = receiver.listenerCount('finish');
  return ourEvents.reduce((sum, name) => sum + socket.listenerCount(name), below);
}

test('a connection takes all of its listeners off its socket again', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const { socket } = await made.pair();
  const before = listenersOf(socket);

  const connection = manager.connect(socket);
  expect(listenersOf(socket)).toBe(before + 6);
  await connection.release();

  expect(listenersOf(socket)).toBe(before);
  await until(() => made.registry.size === 0);
});

test('a registry has one timer for each kind of work, however many its connections, and then none', async () => {
  await using made = await bench({ reconnectGraceMs: 10_000 });
  const { registry } = made;
  const managers = await Promise.all(
    ['1', '2', '3'].map((client) => registry.acquire(contextOf('ada', client))),
  );
  // The end of the first grace, and the sweep.
  expect(pending.size).toBe(2);

  const connections = [];
  for (const manager of managers) {
    for (const { socket } of [await made.pair(), await made.pair()]) {
      connections.push(manager.connect(socket));
    }
  }
  // The rounds, and the sweep.
  expect(pending.size).toBe(2);
  await Promise.all(connections.map((connection) => connection.release()));
  expect(pending.size).toBe(2);
  await Promise.all(managers.map((manager) => manager.close()));

  expect(pending.size).toBe(0);
});

test('a registry has no timer and no user slots after cleanups, limits and mute peers', async () => {
  await using made = await bench({
    maxManagersPerUser: 3,
    proactiveCooldownMs: 0,
    emergencyCooldownMs: 0,
  });
  const { registry } = made;
  for (const client of ['1', '2', '3']) await made.connectUnresponsive('ada', client);
  await Promise.allSettled(
    ['4', '5', '6', '7'].map((client) => registry.acquire(contextOf('ada', client))),
  );
  await until(() => registry.size === 0);
  await until(() => pending.size === 0);

  expect(registry.audit()).toEqual([]);
  expect(registry.stats()).toMatchObject({ users: 0, managers: 0, connections: 0, waiting: 0 });
});

test('an attached server has only the listeners of attach after failures, and none after detach', async () => {
  let asked = 0;
  await using made = await attachedBench(
    {
      authenticate: () => {
        asked += 1;
        return asked % 2 === 0 ? new Promise(() => {}) : { userId: 'ada' };
      },
      authenticationTimeoutMs: 30,
    },
    { maxManagersPerUser: 2 },
  );
  const { server, webSocketServer, registry, attachment } = made;
  const serverEvents = ['upgrade', 'connection', 'request', 'close', 'error'];
  const counts = () => serverEvents.map((name) => server.listenerCount(name));
  const before = counts();
  const sockets: import('node:net').Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  before[1] = (before[1] ?? 0) + 1;

  for (let round = 0; round < 8; round += 1) {
    const client = made.bench.client('/');
    await attempt(client);
    client.terminate();
    const peer = made.bench.raw(upgradeText('/'));
    await sleep(2);
    peer.resetAndDestroy();
    made.bench.raw('GET / HT').destroy();
  }
  await until(() => registry.size === 0);
  await until(() => pending.size === 0, 5_000);

  expect(counts()).toEqual(before);
  expect(sockets.every((socket) => socket.destroyed)).toBe(true);
  const guards = sockets.map((socket) => socket.listeners('error').map(({ name }) => name));
  expect(guards.flat()).not.toContain('destroyOnError');
  await attachment.detach();
  expect(server.listenerCount('upgrade')).toBe(0);
  expect(server.listenerCount('request')).toBe(0);
  expect(webSocketServer.listenerCount('headers')).toBe(0);
});

test('a user that returns keeps its slots when earlier ones of it are cleared away', async () => {
  await using made = await bench({
    maxManagersPerUser: 1,
    proactiveCooldownMs: 10,
    emergencyCooldownMs: 150,
    birthGraceMs: 60_000,
  });
  const { registry } = made;
  // Bob's long rest comes first, so that Ada's first account is still waiting behind it later on.
  const bob = await registry.acquire(contextOf('bob', 'tab-1'));
  await registry.acquire(contextOf('bob', 'tab-2')).catch(() => {});
  await registry.release(bob);
  await registry.cleanup('ada');
  await sleep(20);
  await registry.release(await registry.acquire(contextOf('ada', 'tab-1')));
  const manager = await registry.acquire(contextOf('ada', 'tab-1'));

  await sleep(160);
  await registry.cleanup('cyd');

  expect(registry.managers('ada')).toEqual([manager]);
  expect(registry.audit()).toEqual([]);
});

test('a hundred clients that come and go leave nothing', async () => {
  await using made = await attachedBench({}, { reconnectGraceMs: 20, birthGraceMs: 20 });
  const { registry } = made;
  for (let round = 0; round < 10; round += 1) {
    const clients = Array.from({ length: 10 }, (_, tab) =>
      made.bench.client(`/?user=user-${tab}&websocketClientId=tab-${round}`),
    );
    await Promise.all(clients.map(attempt));
    for (const [tab, client] of clients.entries())
      tab % 2 === 0 ? client.close() : client.terminate();
  }

  await until(() => registry.size === 0);
  await until(() => pending.size === 0);

  expect(registry.stats()).toMatchObject({
    managersCreated: 100,
    managersRemoved: 100,
    connectionsOpened: 100,
    connectionsClosed: 100,
  });
  expect(registry.audit()).toEqual([]);
});
