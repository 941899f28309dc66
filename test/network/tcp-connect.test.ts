/** How simulated connections are made, refused and missed, with times: one millisecond each way. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { type Boot, runClean } from '../run/support.ts';
import {
  client,
  later,
  nothing,
  repair,
  type Seen,
  seenIn,
  server,
  silence,
  watch,
} from './tcp-support.ts';

test('connecting takes a round trip, and the server knows half a one later', async () => {
  const seen = await seenIn(
    (socket) => socket.write('hello'),
    (socket) => socket.write('hi'),
  );

  expect(seen).toEqual(['12 client connect', '13 server data hi', '14 client data hello']);
});

test('latency is drawn between its bounds, and bytes keep their order', async () => {
  const seen: Seen = [];
  const send = (socket: net.Socket) => {
    for (let at = 0; at < 50; at++) later(at, () => socket.write(`${at},`));
  };
  await runClean(
    { server: server(seen), client: client(seen, send) },
    { network: { latencyMs: { min: 5, max: 30 } } },
  );

  const data = seen.filter((line) => line.includes('server data'));
  expect(data.map((line) => line.split('data ')[1]).join('')).toBe(
    Array.from({ length: 50 }, (_, at) => `${at},`).join(''),
  );
  expect(Number.parseInt(data[0] ?? '', 10)).toBeGreaterThanOrEqual(10 + 10 + 5);
});

test('a connect to a port without a listener is refused after a round trip', async () => {
  const seen: Seen = [];
  await runClean({ server: nothing, client: client(seen) });

  expect(seen).toEqual(['12 client error ECONNREFUSED', '12 client close']);
});

test('a host that refuses does so until the stated time', async () => {
  const seen: Seen = [];
  const faults = [{ kind: 'refuse', atMs: 5, host: 'server', durationMs: 20 } as const];
  const second: Boot = () => later(30, () => void watch(seen, 'second', net.connect(80, 'server')));
  await runClean({ server: server(seen), client: client(seen), second }, { faults });

  expect(seen).toEqual([
    ...['12 client error ECONNREFUSED', '12 client close', '32 second connect'],
  ]);
});

test('a name that no host has is not found', async () => {
  const errors: NodeJS.ErrnoException[] = [];
  await runClean({
    client: () => void net.connect(80, 'nowhere').on('error', (error) => errors.push(error)),
  });

  expect(errors[0]).toMatchObject({
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname: 'nowhere',
    message: 'getaddrinfo ENOTFOUND nowhere',
  });
});

test('a connect to a machine without power times out at the stated time', async () => {
  const seen: Seen = [];
  const errors: NodeJS.ErrnoException[] = [];
  const connect = client(seen, (socket) => void socket.on('error', (error) => errors.push(error)));
  await runClean(
    { server: server(seen), client: connect },
    {
      network: { connectTimeoutMs: 5_000 },
      faults: [{ kind: 'power-loss', atMs: 5, host: 'server' }],
      durationMs: 10_000,
    },
  );

  expect(seen).toEqual(['5010 client error ETIMEDOUT', '5010 client close']);
  expect(errors[0]).toMatchObject({ syscall: 'connect', port: 80, address: '10.0.0.1' });
});

test('a connect to a machine that comes back is made by a later attempt of the kernel', async () => {
  const seen: Seen = [];
  await runClean(
    { server: server(seen), client: client(seen) },
    {
      faults: [{ kind: 'power-loss', atMs: 5, host: 'server', restartAfterMs: 2_000 }],
      durationMs: 10_000,
    },
  );

  // The SYN is sent at 10, 1010 and 3010.
  expect(seen).toEqual(['3012 client connect']);
});

// At 11 the SYN is on its way, at 12 the answer to it.
for (const atMs of [11, 12]) {
  test(`a connect that goes silent at ${atMs} times out, and never connects`, async () => {
    const seen = await seenIn(nothing, nothing, {
      network: { connectTimeoutMs: 3_000 },
      at: { [atMs]: silence },
      durationMs: 10_000,
    });

    expect(seen).toEqual(['3010 client error ETIMEDOUT', '3010 client close']);
  });

  test(`a connect that goes silent at ${atMs} is made after the silence`, async () => {
    const seen = await seenIn(nothing, (socket) => socket.write('early'), {
      at: { [atMs]: silence, 500: repair },
      durationMs: 10_000,
    });

    expect(seen).toEqual(['1012 client connect', '1013 server data early']);
  });
}
