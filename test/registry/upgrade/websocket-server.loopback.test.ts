/** What a WebSocketServer refuses by itself. */
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { attach, type UpgradeRefusedEvent } from '../../../src/index.ts';
import { attempt, userOfQuery } from '../support/attached.ts';
import { bench, contextOf } from '../support/bench.ts';
import { upgradeText } from '../support/loopback.ts';
import { once, until } from '../support/waiting.ts';

describe('decisions of the WebSocketServer', () => {
  test('an upgrade that verifyClient refuses leaves no manager', async () => {
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

  test('an upgrade refused by the path of the WebSocketServer gets 400, also when it was to be accepted and closed', async () => {
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

  test('an upgrade that verifyClient accepts is a connection', async () => {
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

  test('an upgrade whose verifyClient never answers is bounded', async () => {
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
