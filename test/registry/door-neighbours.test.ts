import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { attach, type HookErrorEvent } from '../../src/index.ts';
import { attempt, bench, door, once, until, upgradeText, userOfQuery } from './support.ts';

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
