/** What faults do to simulated connections, with times: one millisecond each way. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { type Boot, runClean } from '../run/support.ts';
import {
  later,
  nothing,
  repair,
  type Seen,
  seenIn,
  server,
  silence,
  watch,
} from './tcp-support.ts';

test('a server that accepts late, after a silence, still gets the connection and its data', async () => {
  const seen = await seenIn(nothing, (socket) => socket.write('early'), {
    at: { 13: silence, 200: repair },
  });

  expect(seen).toEqual(['12 client connect', '201 server data early']);
});

test('writes into silence vanish, and the kernel gives up at the stated time', async () => {
  const seen = await seenIn(nothing, (socket) => later(100, () => socket.write('lost')), {
    network: { retransmitTimeoutMs: 2_000 },
    at: { 50: silence },
    durationMs: 5_000,
  });

  // Written at 110, lost at 111.
  expect(seen).toEqual(['12 client connect', '2111 client error ETIMEDOUT', '2111 client close']);
});

test('what was lost arrives once and in order when the path is whole, with what is new', async () => {
  const seen = await seenIn(
    nothing,
    (socket) => {
      later(10, () => socket.write('before '));
      later(90, () => socket.write('lost '));
      later(95, () => socket.write('also lost '));
      later(190, () => socket.write('in flight '));
      later(191, () => socket.write('new '));
      later(300, () => socket.end('end'));
    },
    { network: { latencyMs: { min: 3, max: 3 } }, at: { 60: silence, 201: repair } },
  );

  const received = seen.filter((line) => line.includes('server data'));
  expect(received.map((line) => line.split('data ')[1]).join('')).toBe(
    'before lost also lost in flight new end',
  );
  expect(received.at(1)).toMatch(/^204 /);
  expect(seen.at(-1)).toContain('close');
});

test('patience begins anew with each silence', async () => {
  const write = (socket: net.Socket) => {
    later(40, () => socket.write('one '));
    later(1_440, () => socket.write('two '));
  };
  const seen = await seenIn(nothing, write, {
    network: { retransmitTimeoutMs: 1_000 },
    at: { 45: silence, 900: repair, 1400: silence, 2300: repair },
    durationMs: 5_000,
  });

  expect(seen).toEqual(['12 client connect', '901 server data one ', '2301 server data two ']);
});

test('an end that was lost arrives when the path is whole', async () => {
  const seen = await seenIn(nothing, (socket) => later(90, () => socket.end()), {
    at: { 50: silence, 200: repair },
  });

  expect(seen).toEqual([
    ...['12 client connect', '201 server end', '201 server close'],
    ...['202 client end', '202 client close'],
  ]);
});

test('the kernel of a killed process closes its sockets, and resets what comes later', async () => {
  const send = (socket: net.Socket) => {
    for (const atMs of [90, 190]) later(atMs, () => socket.write('are you there?'));
  };
  const halfOpen: Boot = () =>
    later(10, () => {
      const options = { port: 80, host: 'server', allowHalfOpen: true };
      send(watch(seen, 'client', net.connect(options)));
    });
  const seen: Seen = [];
  await runClean(
    { server: server(seen), client: halfOpen },
    { faults: [{ kind: 'kill', atMs: 50, host: 'server' }] },
  );

  expect(seen).toEqual([
    ...['12 client connect', '51 client end', '200 client error EPIPE', '200 client close'],
  ]);
});

test('a kill between the handshake and its acknowledgement is a reset', async () => {
  const seen = await seenIn(nothing, nothing, {
    network: { latencyMs: { min: 5, max: 5 } },
    faults: [{ kind: 'kill', atMs: 17, host: 'server' }],
  });

  // The server's kernel answers the SYN at 15; its acknowledgement finds no process at 25.
  expect(seen).toEqual(['20 client connect', '30 client error ECONNRESET', '30 client close']);
});

test('what a process had closed before it was killed still arrives', async () => {
  const seen = await seenIn(
    (socket) =>
      later(30, () => {
        socket.write('bye');
        socket.destroySoon();
      }),
    nothing,
    {
      network: { latencyMs: { min: 5, max: 5 } },
      at: { 56: (world) => world.kill(world.host('server')) },
    },
  );

  expect(seen).toEqual([
    ...[
      '20 client connect',
      '55 server close',
      '60 client data bye',
      '60 client end',
      '60 client close',
    ],
  ]);
});

test('a loss of power is silence, and what is sent after the machine is back is answered with a reset', async () => {
  const seen = await seenIn(nothing, (socket) => later(200, () => socket.write('hello?')), {
    faults: [{ kind: 'power-loss', atMs: 50, host: 'server', restartAfterMs: 100 }],
  });

  expect(seen).toEqual(['12 client connect', '212 client error ECONNRESET', '212 client close']);
});

test('a window that was full is probed when the machine is back, and the probe is answered with a reset', async () => {
  const seen = await seenIn(
    (socket) => socket.pause(),
    (socket) => socket.on('connect', () => socket.write(Buffer.alloc(200_000))),
    { faults: [{ kind: 'power-loss', atMs: 200, host: 'server', restartAfterMs: 100 }] },
  );

  expect(seen.filter((what) => what.includes('client'))).toEqual([
    expect.stringContaining('client connect'),
    expect.stringContaining('client error ECONNRESET'),
    expect.stringContaining('client close'),
  ]);
});

test('what was sent into the loss of power is answered with a reset when the machine is back', async () => {
  const seen = await seenIn(nothing, (socket) => later(60, () => socket.write('hello?')), {
    faults: [{ kind: 'power-loss', atMs: 50, host: 'server', restartAfterMs: 100 }],
  });

  expect(seen).toEqual(['12 client connect', '152 client error ECONNRESET', '152 client close']);
});

test('a middlebox that resets is heard at both ends', async () => {
  const seen = await seenIn(nothing, nothing, {
    faults: [{ kind: 'reset', atMs: 50, host: 'client' }],
  });

  expect(seen.sort()).toEqual([
    ...['12 client connect', '51 client close', '51 client error ECONNRESET'],
    ...['51 server close', '51 server error ECONNRESET'],
  ]);
});

test('a slow link delays every segment for its time', async () => {
  const send = (socket: net.Socket) => {
    for (const at of [10, 50, 150]) later(at, () => socket.write(`${at} `));
  };
  const seen = await seenIn(nothing, send, {
    faults: [{ kind: 'slow-link', atMs: 30, host: 'client', addedMs: 40, durationMs: 100 }],
  });

  expect(seen).toEqual([
    ...['12 client connect', '21 server data 10 ', '101 server data 50 ', '161 server data 150 '],
  ]);
});
