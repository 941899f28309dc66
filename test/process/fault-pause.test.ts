/** An event loop that stands still: nothing of the process runs, its kernel goes on, and then everything happens at once. */
import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Fault } from '../../sim/scenario/scenario.ts';
import {
  client,
  later,
  nothing,
  type Seen,
  seenIn,
  server,
  watch,
} from '../network/tcp-support.ts';
import { now, runClean, traced } from '../run/support.ts';

const pause = (host: string, atMs = 50, durationMs = 1_000): Fault => ({
  ...{ kind: 'pause', atMs, host, durationMs },
});

test('timers that came due run late and in order, and an interval once', async () => {
  const seen: Seen = [];
  const note = (what: string) => () => seen.push(`${now()} ${what}`);
  await runClean(
    {
      struck: () => {
        setTimeout(note('three'), 300);
        setTimeout(note('one'), 100);
        setTimeout(note('two'), 200);
        setTimeout(note('after'), 1_100);
        const interval = setInterval(note('interval'), 40);
        setTimeout(() => clearInterval(interval), 1_140);
      },
      other: () => void setTimeout(note('other'), 100),
    },
    { faults: [pause('struck')], durationMs: 2_000 },
  );

  expect(seen).toEqual([
    '40 interval',
    '100 other',
    ...['1050 interval', '1050 one', '1050 two', '1050 three'],
    ...['1090 interval', '1100 after', '1130 interval'],
  ]);
});

test('ticks and microtasks run between two late timers, immediates after all of them', async () => {
  const seen: Seen = [];
  await runClean(
    {
      struck: () => {
        for (const name of ['a', 'b']) {
          later(100, () => {
            seen.push(name);
            process.nextTick(() => seen.push(`${name} tick`));
            queueMicrotask(() => seen.push(`${name} microtask`));
            setImmediate(() => seen.push(`${name} immediate`));
          });
        }
      },
    },
    { faults: [pause('struck')], durationMs: 2_000 },
  );

  expect(seen).toEqual([
    ...['a', 'a tick', 'a microtask', 'b', 'b tick', 'b microtask'],
    ...['a immediate', 'b immediate'],
  ]);
});

test('a late timer can still be cleared, or started anew, by one that ran before it', async () => {
  const seen: Seen = [];
  await runClean(
    {
      struck: () => {
        const note = (what: string) => () => seen.push(`${now()} ${what}`);
        const cleared = setTimeout(note('cleared'), 200);
        const anew = setTimeout(note('anew'), 200);
        const interval = setInterval(note('interval'), 200);
        later(100, () => {
          clearTimeout(cleared);
          anew.refresh();
          clearInterval(interval);
        });
      },
    },
    { faults: [pause('struck')], durationMs: 2_000 },
  );

  expect(seen).toEqual(['1250 anew']);
});

test('what arrives is acknowledged and buffered, and read after the late timers', async () => {
  const seen: Seen = [];
  const accept = (socket: net.Socket) => {
    socket.write('hello');
    later(100, () => seen.push(`${now()} timer, ${socket.bytesRead} bytes read`));
  };
  const send = (socket: net.Socket) => {
    later(90, () => socket.write('one ', () => seen.push(`${now()} written`)));
    later(190, () => socket.end('two'));
  };
  await runClean(
    { server: server(seen, accept), client: client(seen, send) },
    { faults: [pause('server')], durationMs: 2_000 },
  );

  expect(seen).toEqual([
    ...['12 client connect', '14 client data hello', '100 written'],
    ...['1050 timer, 0 bytes read', '1050 server data one ', '1050 server data two'],
    ...['1050 server end', '1050 server close', '1051 client end', '1051 client close'],
  ]);
});

test('the receive buffer fills up, and the writer waits', async () => {
  let queuedMost = 0;
  let received = 0;
  const send = (socket: net.Socket) => {
    socket.on('error', nothing);
    const timer = setInterval(() => {
      queuedMost = Math.max(queuedMost, socket.writableLength);
      if (now() < 800) socket.write('x'.repeat(1_000));
      else clearInterval(timer);
    }, 10);
  };
  const count = (socket: net.Socket) =>
    void socket.on('data', (bytes) => (received += bytes.length));
  const network = { sendBufferBytes: 5_000, receiveBufferBytes: 10_000 };
  const options = { network, durationMs: 5_000 };
  const hosts = { server: server([], count), client: client([], send) };

  await runClean(hosts, options);
  const calm = { queuedMost, received };
  [queuedMost, received] = [0, 0];
  await runClean(hosts, { ...options, faults: [pause('server')] });

  expect(calm).toEqual({ queuedMost: 0, received: 78_000 });
  expect(received).toBe(78_000);
  expect(queuedMost).toBeGreaterThan(50_000);
});

test('the kernel completes handshakes, and the process hears of them later', async () => {
  const seen: Seen = [];
  const send = (socket: net.Socket) => socket.write('early');
  await runClean(
    {
      server: server(seen, (socket) => seen.push(`${now()} accepted ${socket.remoteAddress}`)),
      client: client(seen, send),
    },
    { faults: [pause('server', 5)], durationMs: 2_000 },
  );

  expect(seen).toEqual([
    ...['12 client connect', '1005 accepted 10.0.0.2', '1005 server data early'],
  ]);
});

test('a server that a late timer closes resets the connections that the kernel let in', async () => {
  const seen: Seen = [];
  const closing = () => {
    const listening = net.createServer(() => seen.push('accepted')).listen(80);
    later(20, () => listening.close());
  };
  await runClean(
    { server: closing, client: client(seen) },
    { faults: [pause('server', 5)], durationMs: 2_000 },
  );

  expect(seen).toEqual(['12 client connect', '1006 client error ECONNRESET', '1006 client close']);
});

test('a client that stands still while connecting learns of it later, or has given up by then', async () => {
  const seen: Seen = [];
  const patient = (socket: net.Socket) => socket.write('hello');
  const impatient = () =>
    later(10, () => {
      const socket = watch(seen, 'impatient', net.connect(80, 'server'));
      later(100, () => socket.destroy());
    });
  await runClean(
    { server: server(seen), client: client(seen, patient), impatient },
    { faults: [pause('client', 11), pause('impatient', 11)], durationMs: 2_000 },
  );

  expect(seen.sort()).toEqual([
    ...[
      '1011 client connect',
      '1011 impatient close',
      '1012 server close',
      '1012 server data hello',
    ],
    '1012 server end',
  ]);
});

test('a client that stands still while it is refused learns of it later', async () => {
  const seen: Seen = [];
  await runClean(
    { server: nothing, client: client(seen) },
    { faults: [pause('client', 11)], durationMs: 2_000 },
  );

  expect(seen).toEqual(['1011 client error ECONNREFUSED', '1011 client close']);
});

test('a reset that came meanwhile is heard of afterwards, also by a writer that waits', async () => {
  const seen = await seenIn(
    (socket) => {
      later(90, () => socket.resetAndDestroy());
    },
    nothing,
    { faults: [pause('client')], durationMs: 2_000 },
  );
  const blocked = await seenIn(
    (socket) => {
      socket.pause();
      later(90, () => socket.resetAndDestroy());
    },
    (socket) => {
      socket.pause();
      socket.write('x'.repeat(10_000));
    },
    {
      network: { sendBufferBytes: 1_000, receiveBufferBytes: 1_000 },
      faults: [pause('client')],
      durationMs: 2_000,
    },
  );

  const ends = ['1050 client error ECONNRESET', '1050 client close'];
  expect(seen).toEqual(['12 client connect', '103 server close', ...ends]);
  expect(blocked.filter((line) => line.includes('client'))).toEqual(['12 client connect', ...ends]);
});

test('work on the thread pool is done meanwhile and delivered after the timers', async () => {
  const seen: Seen = [];
  await runClean(
    {
      struck: () =>
        later(50, () => {
          zlib.gzip('x', () => seen.push(`${now()} zipped`));
          later(10, () => seen.push(`${now()} timer`));
        }),
    },
    // Strikes between the call and its answer.
    { at: { 50: nothing }, faults: [pause('struck', 50, 100)], durationMs: 500 },
  );
  const struck: Seen = [];
  await runClean(
    {
      struck: () => {
        zlib.gzip('x', () => struck.push(`${now()} zipped`));
        later(10, () => struck.push(`${now()} timer`));
      },
    },
    { faults: [pause('struck', 0, 100)], durationMs: 500 },
  );

  expect(seen).toEqual(['150 zipped', '160 timer']);
  expect(struck).toEqual(['100 timer', '100 zipped']);
});

test('pings are answered after the stall, and a heartbeat sees what was silent', async () => {
  const seen: Seen = [];
  await runClean(
    {
      server: () => {
        new WebSocketServer({ port: 80 }).on('connection', (socket) => {
          socket.on('pong', () => seen.push(`${now()} pong`));
          setInterval(() => socket.ping(), 400);
        });
      },
      client: () => void new WebSocket('ws://server', { generateMask: (mask) => mask.fill(7) }),
    },
    { faults: [pause('client', 500)], durationMs: 2_000 },
  );

  // Pings leave at 403, 803, 1203 and 1603.
  expect(seen).toEqual(['405 pong', '1501 pong', '1501 pong', '1605 pong']);
});

test('the timeouts of an http server are late as well', async () => {
  const seen: Seen = [];
  const web = () => {
    const listening = http.createServer({ headersTimeout: 300, connectionsCheckingInterval: 100 });
    listening.listen(80);
  };
  await runClean(
    { server: web, client: client(seen, (socket) => socket.write('GET / HTTP/1.1\r\n')) },
    { faults: [pause('server')], durationMs: 2_000 },
  );

  expect(seen[1]).toMatch(/^1051 client data HTTP\/1.1 408/);
});

test('a process that is killed while it stands still never goes on', async () => {
  const seen: Seen = [];
  await runClean(
    { struck: (incarnation) => later(100, () => seen.push(`${now()} life ${incarnation}`)) },
    {
      faults: [
        pause('struck'),
        { kind: 'kill', atMs: 200, host: 'struck', restartAfterMs: 10 },
        // No process is there to stand still.
        pause('struck', 205),
      ],
      durationMs: 2_000,
    },
  );

  expect(seen).toEqual(['310 life 2']);
});

test('two pauses are as long as the longer one, and end with the faults', async () => {
  const seen: Seen = [];
  await runClean(
    {
      a: () => later(100, () => seen.push(`${now()} a`)),
      b: () => later(100, () => seen.push(`${now()} b`)),
    },
    {
      faults: [pause('a', 50, 500), pause('a', 60, 100), pause('b', 50, 100_000)],
      durationMs: 1_000,
      settleMs: 100,
    },
  );

  expect(seen).toEqual(['550 a', '1000 b']);
});

test('what is done to a host from outside waits for its event loop', async () => {
  const seen: Seen = [];
  const act = (host: string) => () => seen.push(`${now()} ${host}`);
  await runClean(
    { struck: () => later(90, () => seen.push(`${now()} timer`)), other: nothing },
    {
      faults: [pause('struck')],
      at: {
        60: (world) => {
          world.runOn(world.host('struck'), act('struck'));
          world.runOn(world.host('other'), act('other'));
        },
      },
      durationMs: 2_000,
    },
  );

  expect(seen).toEqual(['60 other', '1050 timer', '1050 struck']);
});

test('a pause is the same each time, and in the trace', async () => {
  const hosts = () => ({
    server: server([], (socket) => socket.on('data', (bytes) => socket.write(bytes))),
    client: client([], (socket) => later(90, () => socket.write('x'))),
  });
  const options = { faults: [pause('server')], durationMs: 2_000 };

  const first = await traced(hosts(), options);
  const second = await traced(hosts(), options);

  expect(first.outcome.digest).toBe(second.outcome.digest);
  expect(first.trace.filter(({ kind }) => kind === 'resume' || kind === 'delivery')).toMatchObject([
    { kind: 'resume', atMs: 1_050, host: 'server' },
    { kind: 'delivery', atMs: 1_050, host: 'server', id: 1 },
    { kind: 'resume', atMs: 1_050, host: 'server' },
  ]);
});
