/** `node:http` in virtual time: its own timeouts, its dates, and upgrades. One millisecond each way. */
import http from 'node:http';
import net from 'node:net';
import { expect, test } from 'vitest';
import { realNowMs } from '../../sim/engine/real-time.ts';
import { type Boot, now, type RunOptions, runClean } from '../run/support.ts';

interface Sent {
  readonly atMs: number;
  readonly text: string;
}

/** What the server says to a client that sends these pieces at these times, and when. */
async function answersTo(
  pieces: readonly Sent[],
  server: http.Server,
  options: RunOptions & { readonly listen?: Boot } = {},
): Promise<string[]> {
  const seen: string[] = [];
  const boot = () => {
    server.listen(80);
    options.listen?.(1);
  };
  const client = () => {
    const socket = net.connect(80, 'server');
    for (const { atMs, text } of pieces) setTimeout(() => socket.write(text), atMs);
    socket.on('data', (bytes) => seen.push(`${now()} ${String(bytes).split('\r\n')[0]}`));
    socket.on('error', (error: NodeJS.ErrnoException) => seen.push(`${now()} ${error.code}`));
    socket.on('close', () => seen.push(`${now()} close`));
  };
  await runClean({ server: boot, client }, { durationMs: 600_000, ...options });
  return seen;
}

const quick = { connectionsCheckingInterval: 1_000, headersTimeout: 5_000, requestTimeout: 9_000 };
const ok: http.RequestListener = (_, response) => void response.end('ok');
const head = 'POST / HTTP/1.1\r\nHost: server\r\nContent-Length: 10\r\n\r\n';
const get = 'GET / HTTP/1.1\r\nHost: server\r\n\r\n';

test('headers that never finish are answered with 408 at a virtual time', async () => {
  const server = http.createServer(quick, ok);

  const seen = await answersTo([{ atMs: 100, text: 'GET / HTTP/1.1\r\nX: ' }], server);

  // Connected at 3, late at 5003, checked every second.
  expect(seen).toEqual(['6001 HTTP/1.1 408 Request Timeout', '6001 close']);
});

test('the defaults of Node are 60 seconds for headers, checked every 30', async () => {
  const seen = await answersTo([], http.createServer(ok));

  expect(seen).toEqual(['90001 HTTP/1.1 408 Request Timeout', '90001 close']);
});

test('a body that never finishes is answered with 408 at a virtual time', async () => {
  const server = http.createServer(quick, (request) => void request.resume());

  const seen = await answersTo([{ atMs: 100, text: `${head}12345` }], server);

  expect(seen).toEqual(['10001 HTTP/1.1 408 Request Timeout', '10001 close']);
});

test('an answer that has begun is not given another one in its middle', async () => {
  const server = http.createServer(quick, (_, response) => void response.write('part'));

  const seen = await answersTo([{ atMs: 100, text: `${head}12345` }], server);

  expect(seen).toEqual(['102 HTTP/1.1 200 OK', '10001 close']);
});

test('a slow real second during a request makes nothing late', async () => {
  const server = http.createServer({ ...quick, connectionsCheckingInterval: 5 }, ok);
  const spin = () => {
    const until = process.hrtime.bigint();
    const realUntilMs = realNowMs() + 1_500;
    while (realNowMs() < realUntilMs);
    expect(process.hrtime.bigint()).toBe(until);
  };
  const pieces = [
    { atMs: 1, text: 'GET / HTTP/1.1\r\n' },
    { atMs: 60, text: 'Host: server\r\nConnection: close\r\n\r\n' },
  ];

  const seen = await answersTo(pieces, server, { listen: () => void setTimeout(spin, 50) });

  expect(seen).toEqual(['62 HTTP/1.1 200 OK', '62 close']);
});

test('a request that is complete is never late, however long its answer takes', async () => {
  const server = http.createServer(quick, (_, response) => {
    setTimeout(() => response.end('at last'), 60_000);
  });

  const seen = await answersTo([{ atMs: 100, text: get }], server, { durationMs: 61_000 });

  expect(seen).toEqual(['60102 HTTP/1.1 200 OK']);
});

test('a second request whose headers never finish is late counted from its first byte', async () => {
  const server = http.createServer({ ...quick, keepAliveTimeout: 60_000 }, ok);
  const pieces = [
    { atMs: 100, text: get },
    { atMs: 20_500, text: 'GET / HTTP' },
  ];

  const seen = await answersTo(pieces, server);

  expect(seen).toEqual([
    '102 HTTP/1.1 200 OK',
    ...['26001 HTTP/1.1 408 Request Timeout', '26001 close'],
  ]);
});

test('a kept connection is closed after keepAliveTimeout of virtual time', async () => {
  const server = http.createServer({ ...quick, keepAliveTimeout: 3_000 }, ok);

  const seen = await answersTo([{ atMs: 100, text: get }], server);

  // Newer Nodes wait a second longer than they announce.
  expect(['3102 close', '4102 close']).toContain(seen[1]);
});

test('limits that are set while the server listens hold', async () => {
  const server = http.createServer({ connectionsCheckingInterval: 1_000 }, ok);
  const listen = () => {
    server.headersTimeout = 2_000;
  };

  const seen = await answersTo([], server, { listen });

  expect(seen).toEqual(['3001 HTTP/1.1 408 Request Timeout', '3001 close']);
  expect(server.requestTimeout).toBe(300_000);
});

test('limits of 0 are none', async () => {
  const server = http.createServer({ ...quick, headersTimeout: 0, requestTimeout: 0 }, ok);

  expect(await answersTo([{ atMs: 5, text: 'GET ' }], server)).toEqual([]);
});

test('who listens for clientError decides what is answered', async () => {
  const server = http.createServer(quick, ok);
  const codes: unknown[] = [];
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    codes.push(error.code);
    socket.end('HTTP/1.1 418 Teapot\r\n\r\n');
  });

  const seen = await answersTo([], server);

  expect(codes).toEqual(['ERR_HTTP_REQUEST_TIMEOUT']);
  expect(seen[0]).toBe('6001 HTTP/1.1 418 Teapot');
});

test('a server that listens again after closing is governed once', async () => {
  const server = http.createServer(quick, ok);
  let errors = 0;
  server.on('clientError', (_, socket) => {
    errors += 1;
    socket.destroy();
  });
  const boot = () => {
    server.listen(80, () => server.close(() => server.listen(80)));
  };
  await runClean(
    { server: boot, client: () => void setTimeout(() => net.connect(80, 'server'), 10) },
    { durationMs: 20_000 },
  );

  expect(errors).toBe(1);
});

test('an upgraded connection is never late', async () => {
  const server = http.createServer(quick);
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    socket.on('data', (bytes) => socket.write(`echo ${bytes}`));
  });
  const upgrade = 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

  const seen = await answersTo(
    [
      { atMs: 100, text: upgrade },
      { atMs: 90_000, text: 'hi' },
    ],
    server,
  );

  expect(seen).toEqual(['102 HTTP/1.1 101 Switching Protocols', '90002 echo hi']);
});

test('an upgrade request with a body does not break the run', async () => {
  const seen: string[] = [];
  const server = http.createServer(quick);
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => {});
    request.socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    seen.push(request.method ?? '');
  });
  const upgrade =
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbody';

  const answers = await answersTo([{ atMs: 100, text: upgrade }], server);

  expect(seen).toEqual(['POST']);
  expect(answers[0]).toBe('102 HTTP/1.1 400 Bad Request');
});

test('the Date of every response is virtual, also in a burst of responses', async () => {
  const dates: string[] = [];
  await runClean(
    {
      server: () => void http.createServer(ok).listen(80),
      client: () => {
        const socket = net.connect(80, 'server');
        let text = '';
        socket.on('data', (bytes) => {
          text += bytes;
        });
        setTimeout(() => socket.write(get), 10);
        setTimeout(() => socket.write(get + get + get), 3_000);
        socket.on('close', () => dates.push(...(text.match(/^Date: .*$/gim) ?? [])));
        setTimeout(() => socket.destroy(), 4_000);
      },
    },
    { durationMs: 70_000 },
  );

  expect(dates.map((date) => date.slice(6).trim())).toEqual([
    'Thu, 01 Jan 2026 00:00:00 GMT',
    ...Array(3).fill('Thu, 01 Jan 2026 00:00:03 GMT'),
  ]);
});

test('a Date that no http server wrote is left as it is', async () => {
  let received = '';
  const text = 'HTTP/1.1 200 OK\r\nDate: Mon, 02 Feb 2004 00:00:00 GMT\r\n\r\n';
  await runClean({
    server: () => void net.createServer((socket) => socket.end(text)).listen(80),
    client: () => {
      net.connect(80, 'server').on('data', (bytes) => {
        received += bytes;
      });
    },
  });

  expect(received).toBe(text);
});
