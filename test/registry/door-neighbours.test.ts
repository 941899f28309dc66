import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { attach, type HookErrorEvent, type UpgradeRefusedEvent } from '../../src/index.ts';
import {
  attempt,
  bench,
  contextOf,
  door,
  once,
  until,
  upgradeText,
  userOfQuery,
} from './support.ts';

describe('other upgrades', () => {
  test('are left to whoever else listens', async () => {
    await using made = await door({ path: '/chat' });
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

  test('are answered with 404 when nobody else listens', async () => {
    await using made = await door({ path: (request) => request.url === '/chat' });

    expect(await made.bench.exchange(upgradeText('/other'))).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('a path check that throws refuses, and reports', async () => {
    await using made = await door({
      path: () => {
        throw new Error('boom');
      },
    });
    const reported = once<HookErrorEvent>(made.registry, 'hookError');

    expect(await made.bench.exchange(upgradeText('/'))).toMatch(/^HTTP\/1\.1 503 /);
    expect(await reported).toMatchObject({ hook: 'path' });
  });

  test('a shared WebSocketServer gets our headers on our upgrades only', async () => {
    await using made = await door({ path: '/chat' });
    made.server.on('upgrade', (request, socket, head) => {
      if (request.url !== '/other') return;
      made.webSocketServer.handleUpgrade(request, socket, head, () => {});
    });

    const other = await attempt(made.bench.client('/other'));

    expect(other.status).toBe(101);
    expect(other.headers['x-thread-id']).toBeUndefined();
  });
});

describe('a WebSocketServer that decides itself', () => {
  test('by verifyClient refuses, and the manager goes', async () => {
    await using made = await bench();
    const webSocketServer = new WebSocketServer({
      noServer: true,
      verifyClient: (_info, answer) => setTimeout(() => answer(false, 418), 20),
    });
    const { server, registry } = made;
    await using _ = attach(registry, { server, webSocketServer, authenticate: userOfQuery });

    const { status } = await attempt(made.client('/?user=ada'));

    expect(status).toBe(418);
    await until(() => registry.size === 0);
  });

  test('by its path refuses with 400 also him who was to be accepted and closed', async () => {
    await using made = await bench({ maxManagersPerUser: 1, birthGraceMs: 60_000 });
    const webSocketServer = new WebSocketServer({ noServer: true, path: '/elsewhere' });
    const { server, registry } = made;
    await using _ = attach(registry, {
      server,
      webSocketServer,
      authenticate: userOfQuery,
      refuseWith: 'close',
    });
    await registry.acquire(contextOf('ada', 'tab-1'));
    const refused = once<UpgradeRefusedEvent>(registry, 'upgradeRefused');

    expect(await attempt(made.client('/?user=ada'))).toMatchObject({ status: 400 });

    expect(await refused).toMatchObject({
      status: 400,
      reason: 'Refused by the WebSocketServer',
    });
  });

  test('by verifyClient admits', async () => {
    await using made = await bench();
    const webSocketServer = new WebSocketServer({
      noServer: true,
      verifyClient: (_info, answer) => setTimeout(() => answer(true), 20),
    });
    const { server, registry } = made;
    await using _ = attach(registry, { server, webSocketServer, authenticate: userOfQuery });

    const { status, headers } = await attempt(made.client('/?user=ada'));

    expect(status).toBe(101);
    expect(headers['x-thread-id']).toBeDefined();
    expect(registry.stats().connections).toBe(1);
  });

  test('by a verifyClient that never answers is bounded', async () => {
    await using made = await bench();
    const webSocketServer = new WebSocketServer({ noServer: true, verifyClient: (_i, _a) => {} });
    const { server, registry } = made;
    await using _ = attach(registry, {
      server,
      webSocketServer,
      authenticate: userOfQuery,
      authenticationTimeoutMs: 40,
    });

    expect(await made.exchange(upgradeText('/?user=ada'))).toMatch(/^HTTP\/1\.1 503 /);
    await until(() => registry.size === 0);
  });
});
