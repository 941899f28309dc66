import { expect, test } from 'vitest';
import {
  type AttachOptions,
  attach,
  type HookErrorEvent,
  InvalidOptionError,
  UserExecutionContext,
  type WebSocketConnection,
} from '../../src/index.ts';
import {
  attempt,
  bench,
  door,
  namesOf,
  once,
  record,
  until,
  upgradeText,
  userOfQuery,
} from './support.ts';

test('a manager that is closed between acquire and handshake is acquired again', async () => {
  await using made = await door();
  let closed = 0;
  made.registry.on('managerCreated', ({ manager }) => {
    closed += 1;
    if (closed === 1) void manager.close();
  });

  const { status } = await attempt(made.bench.client('/?user=ada'));

  expect(status).toBe(101);
  expect(made.registry.stats()).toMatchObject({ managersCreated: 2, managers: 1, connections: 1 });
});

test('one that is closed each time is given up with 503', async () => {
  await using made = await door();
  made.registry.on('managerCreated', ({ manager }) => void manager.close());

  const { status } = await attempt(made.bench.client('/?user=ada'));

  expect(status).toBe(503);
  expect(made.registry.stats()).toMatchObject({ managersCreated: 3, managers: 0 });
});

test('a connection beyond maxConnectionsPerManager is accepted and closed with 1013', async () => {
  await using made = await door({}, { maxConnectionsPerManager: 1 });
  const path = '/?user=ada&websocketClientId=tab-1';
  await attempt(made.bench.client(path));

  expect(await once<number>(made.bench.client(path), 'close')).toBe(1013);
  expect(made.registry.stats()).toMatchObject({ connections: 1, connectionsRefused: 1 });
});

test('an onConnection that throws or rejects is reported, and the connection stays', async () => {
  for (const onConnection of [
    () => {
      throw new Error('boom');
    },
    async (_connection: WebSocketConnection) => {
      throw new Error('boom');
    },
  ]) {
    await using made = await door({ onConnection });
    const reported = once<HookErrorEvent>(made.registry, 'hookError');
    const client = made.bench.client('/?user=ada');

    expect((await attempt(client)).status).toBe(101);

    expect(await reported).toMatchObject({ hook: 'onConnection', userId: 'ada' });
    expect(made.registry.stats().connections).toBe(1);
  }
});

test('detach ends what is under way with 503 and keeps open connections', async () => {
  let asked = 0;
  await using made = await door({
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

test('attach refuses wrong options by name', async () => {
  await using made = await bench();
  const good = {
    server: made.server,
    webSocketServer: made.webSocketServer,
    authenticate: userOfQuery,
  };
  const wrong: readonly [object, RegExp][] = [
    [{ autenticate: userOfQuery }, /has no autenticate, did you mean authenticate\?/],
    [{ authenticate: undefined }, /authenticate must be a function/],
    [{ webSocketServer: {} }, /webSocketServer must be a WebSocketServer made with/],
    [{ path: 'chat' }, /path must be a function, or begin with \//],
    [{ refuseWith: 'both' }, /refuseWith must be one of http, close/],
    [{ authenticationTimeoutMs: 0 }, /authenticationTimeoutMs must be a number/],
    [{ headersTimeoutMs: -1 }, /headersTimeoutMs must be a number/],
  ];

  for (const [change, message] of wrong) {
    const options = { ...good, ...change } as AttachOptions;
    expect(() => attach(made.registry, options)).toThrow(InvalidOptionError);
    expect(() => attach(made.registry, options)).toThrow(message);
  }
  expect(made.server.listenerCount('upgrade')).toBe(0);
});

test('a connection and its refusals are told as events', async () => {
  await using made = await door();
  const events = record(made.registry);

  await attempt(made.bench.client('/?user=ada&websocketClientId=tab-1'));

  expect(namesOf(events)).toEqual(['managerCreated', 'connectionOpened', 'clientIntroduced']);
  expect(events[2]?.event).toMatchObject({ websocketClientId: 'tab-1', count: 1, limit: 20 });
});

test('the identitySecret of the registry keys the thread ids of the door', async () => {
  await using made = await door({}, { identitySecret: 's3cret' });

  const { headers } = await attempt(made.bench.client('/?user=ada&websocketClientId=tab-1'));

  expect(headers['x-thread-id']).toBe(
    UserExecutionContext.fromWebSocketRequest({
      userId: 'ada',
      websocketClientId: 'tab-1',
      identitySecret: 's3cret',
    }).threadId,
  );
});
