import type { Server } from 'node:http';
import type net from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  type AttachOptions,
  attach,
  type HookErrorEvent,
  InvalidOptionError,
  type UpgradeRefusedEvent,
  UserExecutionContext,
  type WebSocketConnection,
} from '../../src/index.ts';
import {
  attempt,
  bench,
  contextOf,
  door,
  namesOf,
  once,
  readAll,
  record,
  sleep,
  until,
  upgradeText,
  userOfQuery,
} from './support.ts';

describe('the door lets in', () => {
  test('an authenticated client, and tells it its ids', async () => {
    await using made = await door();
    const client = made.bench.client('/?user=ada&websocketClientId=tab%201');

    const { status, headers } = await attempt(client);

    const [manager] = made.registry.managers('ada');
    expect(status).toBe(101);
    expect(headers['x-websocket-client-id']).toBe('tab%201');
    expect(headers['x-thread-id']).toBe(contextOf('ada', 'tab 1').threadId);
    expect(manager?.context.threadId).toBe(contextOf('ada', 'tab 1').threadId);
    expect(manager?.connections.size).toBe(1);
  });

  test('a client that comes back with the id it was told, to its thread', async () => {
    await using made = await door();
    const first = await attempt(made.bench.client('/?user=ada'));
    const id = first.headers['x-websocket-client-id'];

    const second = await attempt(made.bench.client(`/?user=ada&websocketClientId=${id}`));

    expect(second.headers['x-thread-id']).toBe(first.headers['x-thread-id']);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('ids of any Unicode, percent-encoded in the headers', async () => {
    await using made = await door();
    const id = encodeURIComponent('плитка 😀');

    const { headers } = await attempt(
      made.bench.client(`/?user=ada&websocketClientId=${id}&threadId=${id}`),
    );

    expect(headers['x-websocket-client-id']).toBe(id);
    expect(headers['x-thread-id']).toBe(id);
  });

  test('what authenticate says goes before what the query says', async () => {
    await using made = await door({
      authenticate: () => ({ userId: 'ada', websocketClientId: 'theirs', threadId: 'thread-1' }),
    });

    await attempt(made.bench.client('/?websocketClientId=mine&threadId=thread-2'));

    expect(made.registry.managers('ada').map(({ isolationKey }) => isolationKey)).toEqual([
      'ada:thread-1',
    ]);
  });

  test('onConnection before the first message, also one that came with the upgrade', async () => {
    const received: string[] = [];
    await using made = await door({
      onConnection: (connection) => {
        connection.socket.on('message', (data) => received.push(String(data)));
      },
    });
    const hello = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);

    made.bench.raw('').write(Buffer.concat([Buffer.from(upgradeText('/?user=ada')), hello]));

    await until(() => received.length === 1);
    expect(received).toEqual(['hi']);
  });

  test('two upgrades of one key at the same time, to one manager', async () => {
    await using made = await door();
    const path = '/?user=ada&websocketClientId=tab-1';

    await Promise.all([attempt(made.bench.client(path)), attempt(made.bench.client(path))]);

    expect(made.registry.count('ada')).toBe(1);
    expect(made.registry.managers('ada')[0]?.connections.size).toBe(2);
  });

  test("a foreign thread id to a manager of one's own, without authorizeThread", async () => {
    await using made = await door();
    await attempt(made.bench.client('/?user=ada&threadId=secret-thread'));

    await attempt(made.bench.client('/?user=eve&threadId=secret-thread'));

    expect(made.registry.managers().map(({ isolationKey }) => isolationKey)).toEqual([
      'ada:secret-thread',
      'eve:secret-thread',
    ]);
  });

  test('a newcomer past a limit of mute peers', async () => {
    await using made = await door({}, { maxManagersPerUser: 2 });
    await made.bench.mutePeer('/?user=ada');
    await made.bench.mutePeer('/?user=ada');
    await until(() => made.registry.stats().connections === 2);

    const { status } = await attempt(made.bench.client('/?user=ada'));

    expect(status).toBe(101);
  });
});

describe('the door refuses', () => {
  const noUser = upgradeText('/');

  test('byte for byte the same each time, and closes', async () => {
    await using made = await door();

    expect(await made.bench.exchange(noUser)).toBe(
      'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 22\r\nWWW-Authenticate: Bearer\r\n\r\nAuthentication failed\n',
    );
  });

  const cases: readonly [string, string, number, DoorOptionsOf?][] = [
    ['who is not authenticated', noUser, 401],
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

  test.each(cases)('%s', async (_what, text, status, options) => {
    await using made = await door(options);

    const answer = await made.bench.exchange(text);

    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(lengthIsRight(answer)).toBe(true);
    await until(() => made.registry.size === 0);
    expect(made.registry.stats()).toMatchObject({ upgradesRefused: 1, connections: 0 });
    expect(made.registry.stats().managersCreated).toBe(made.registry.stats().managersRemoved);
  });

  test('a wrong version with the version that is right', async () => {
    await using made = await door();

    expect(
      await made.bench.exchange(upgradeText('/?user=ada', { 'Sec-WebSocket-Version': '7' })),
    ).toContain('\r\nSec-WebSocket-Version: 13\r\n');
  });

  test('a check that throws, and reports it as a hookError', async () => {
    await using made = await door({
      authorizeThread: () => {
        throw new Error('boom');
      },
    });
    const reported = once<HookErrorEvent>(made.registry, 'hookError');

    await made.bench.exchange(upgradeText('/?user=ada&threadId=thread-1'));

    expect(await reported).toMatchObject({ hook: 'authorizeThread', userId: 'ada' });
  });

  test('does not ask authorizeThread about a derived thread', async () => {
    await using made = await door({ authorizeThread: () => false });

    expect((await attempt(made.bench.client('/?user=ada'))).status).toBe(101);
  });

  test('the manager beyond the limit with 429 and Retry-After', async () => {
    await using made = await door({}, { maxManagersPerUser: 1, emergencyCooldownMs: 2_500 });
    await attempt(made.bench.client('/?user=ada'));

    const { status, headers } = await attempt(made.bench.client('/?user=ada'));

    expect(status).toBe(429);
    expect(headers['retry-after']).toBe('3');
    expect(made.registry.stats()).toMatchObject({ managers: 1, limitsReached: 1 });
  });

  test('the manager beyond the total limit with 503', async () => {
    await using made = await door({}, { maxManagers: 1 });
    await attempt(made.bench.client('/?user=ada'));

    const { status, headers } = await attempt(made.bench.client('/?user=bob'));

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
  });

  test('with 1013 for browsers, by option, and leaves nothing', async () => {
    await using made = await door({ refuseWith: 'close' }, { maxManagersPerUser: 1 });
    await attempt(made.bench.client('/?user=ada'));
    const client = made.bench.client('/?user=ada');

    const code = await once<number>(client, 'close');

    expect(code).toBe(1013);
    expect(made.registry.stats()).toMatchObject({ managers: 1, connections: 1, limitsReached: 1 });
  });

  test('with 1013 a mute peer too, and terminates it', async () => {
    await using made = await door({ refuseWith: 'close' }, { maxManagersPerUser: 1 });
    await attempt(made.bench.client('/?user=ada'));

    const answer = await made.bench.exchange(upgradeText('/?user=ada'));

    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    await until(() => made.webSocketServer.clients.size === 1);
  });

  test('with 503 when the registry is shut down', async () => {
    await using made = await door();
    await made.registry.shutdown();

    const { status, headers } = await attempt(made.bench.client('/?user=ada'));

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('5');
  });

  test('with 503 who is being authenticated while the registry shuts down', async () => {
    await using made = await door({ authenticate: () => new Promise(() => {}) });
    const answer = made.bench.exchange(upgradeText('/?user=ada'));
    await sleep(20);

    await made.registry.shutdown();

    expect(await answer).toMatch(/^HTTP\/1\.1 503 /);
  });

  test('with 503 who is waiting for room while the registry shuts down', async () => {
    await using made = await door({}, { maxManagersPerUser: 1, probeTimeoutMs: 10_000 });
    await made.bench.mutePeer('/?user=ada');
    const answer = made.bench.exchange(upgradeText('/?user=ada'));
    await until(() => made.registry.stats().waiting === 1);

    await made.registry.shutdown({ drainMs: 30 });

    expect(await answer).toMatch(/^HTTP\/1\.1 503 /);
  });

  test('a half-closed client, who still gets the whole answer', async () => {
    await using made = await door({
      authenticate: async () => {
        await sleep(30);
        return null;
      },
    });
    const peer = made.bench.raw('');
    peer.end(upgradeText('/'));

    expect(await readAll(peer)).toMatch(/^HTTP\/1\.1 401 [\s\S]*Authentication failed\n$/);
  });

  test('a client whose request has a body, who still gets the whole answer', async () => {
    await using made = await door({
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

  test('a client that never closes, and lets go of its socket', async () => {
    await using made = await door();
    const peer = made.bench.raw(noUser);
    await readAll(peer);

    await until(() => connectionCount(made.server) === 0, 3_000);
    peer.destroy();
  });
});

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
    [{ path: 'chat' }, /path must be a function or begin with \//],
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

type DoorOptionsOf = Parameters<typeof door>[0];

function lengthIsRight(answer: string): boolean {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return Number(/Content-Length: (\d+)/i.exec(head)?.[1]) === Buffer.byteLength(body);
}

function connectionCount(server: Server): number {
  let count = -1;
  server.getConnections((_error, open) => {
    count = open;
  });
  return count === -1 ? Reflect.get(server, '_connections') : count;
}
