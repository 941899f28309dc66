/** What strikes one machine: connects that go unanswered, another address, and a wall clock that is off. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { epochMs } from '../../sim/engine/virtual-clock.ts';
import type { Fault } from '../../sim/scenario/scenario.ts';
import { runClean } from '../run/support.ts';
import { client, later, nothing, type Seen, seenIn, server, watch } from './tcp-support.ts';

test('connects into a blackhole are made after it, and what is established goes on', async () => {
  const seen: Seen = [];
  const early = client(seen, (socket) => later(90, () => socket.write('established')));
  const late = () => later(100, () => void watch(seen, 'late', net.connect(80, 'server')));
  await runClean(
    { server: server(seen), client: early, late },
    {
      faults: [{ kind: 'blackhole', atMs: 50, host: 'server', durationMs: 2_000 }],
      durationMs: 10_000,
    },
  );

  // The SYN of the late one is sent at 100, 1100 and 3100.
  expect(seen).toEqual(['12 client connect', '101 server data established', '3102 late connect']);
});

test('a blackhole that stays lets a connect time out, and ends with the faults', async () => {
  const connectAgain = (socket: net.Socket) => {
    socket.on('close', () => later(5_000, () => void watch([], 'x', net.connect(80, 'server'))));
  };
  const outcome = await runClean(
    { server: server([]), client: client([], connectAgain) },
    {
      network: { connectTimeoutMs: 3_000 },
      faults: [{ kind: 'blackhole', atMs: 5, host: 'server', durationMs: 100_000 }],
      durationMs: 7_000,
      settleMs: 5_000,
    },
  );

  expect(outcome.connections).toBe(1);
});

const moves: Fault = { kind: 'address-change', atMs: 50, host: 'client' };

test('a host that changes its address loses its connections without a word', async () => {
  const seen = await seenIn(
    (socket) => later(100, () => socket.write('are you there?')),
    (socket) => later(100, () => socket.write('I am here')),
    {
      network: { retransmitTimeoutMs: 2_000 },
      faults: [moves],
      durationMs: 1_000,
      settleMs: 5_000,
    },
  );

  expect(seen.sort()).toEqual([
    ...['12 client connect', '2111 client close', '2111 client error ETIMEDOUT'],
    ...['2114 server close', '2114 server error ETIMEDOUT'],
  ]);
});

test('a host that has changed its address connects from the new one, and can be reached there', async () => {
  const addresses: unknown[] = [];
  const connect = () => {
    const socket = net.connect(80, 'server');
    socket.on('connect', () => addresses.push(socket.localAddress));
  };
  const accept = (socket: net.Socket) => {
    const { remoteAddress } = socket;
    addresses.push(remoteAddress);
    const back = net.connect(81, remoteAddress);
    back.on('connect', () => addresses.push(`reached ${back.remoteAddress}`));
  };
  await runClean(
    {
      server: server([], accept),
      client: () => {
        net.createServer().listen(81);
        for (const atMs of [10, 60, 110]) later(atMs, connect);
      },
    },
    { faults: [moves, { ...moves, atMs: 100 }] },
  );

  expect(addresses).toEqual(
    ['10.0.0.2', '100.64.0.2', '100.65.0.2'].flatMap((address) => [
      ...[address, address, `reached ${address}`],
    ]),
  );
});

test('what a machine says to itself does not care about its address', async () => {
  const seen: Seen = [];
  await runClean(
    {
      client: () => {
        net.createServer((socket) => watch(seen, 'server', socket)).listen(80);
        const socket = net.connect(80, 'localhost');
        later(100, () => socket.write('hello'));
      },
    },
    { faults: [moves] },
  );

  expect(seen).toEqual(['101 server data hello']);
});

/** What `Date` is off by at stated times, on a host whose clock is struck and on another one. */
async function wallClocks(faults: readonly Fault[], atMs: readonly number[], durationMs = 10_000) {
  const seen: Record<string, number[]> = { struck: [], other: [] };
  const look = (name: string) => () => {
    for (const ms of atMs) {
      if (ms < performance.now()) continue;
      later(ms - performance.now(), () => {
        seen[name]?.push(Date.now() - epochMs - performance.now());
      });
    }
  };
  await runClean(
    { struck: look('struck'), other: look('other') },
    { faults, durationMs, settleMs: 10_000 },
  );
  return seen;
}

test('a wall clock that jumps does so on one host, for good, and time goes on as before', async () => {
  const back: Fault = { kind: 'clock-jump', atMs: 100, host: 'struck', byMs: -3_600_000 };
  const seen = await wallClocks(
    [back, { ...back, atMs: 200, byMs: 86_400_000 }],
    [50, 150, 250, 15_000],
  );

  expect(seen).toEqual({ struck: [0, -3_600_000, 82_800_000, 82_800_000], other: [0, 0, 0, 0] });
});

test('a wall clock belongs to its machine and not to a process', async () => {
  const seen = await wallClocks(
    [
      { kind: 'clock-jump', atMs: 100, host: 'struck', byMs: 5_000 },
      { kind: 'kill', atMs: 200, host: 'struck', restartAfterMs: 10 },
      { kind: 'power-loss', atMs: 400, host: 'struck', restartAfterMs: 10 },
    ],
    [150, 300, 500],
  );

  expect(seen.struck).toEqual([5_000, 5_000, 5_000]);
});

test('a wall clock that drifts gains its share, and keeps it', async () => {
  const drift: Fault = {
    kind: 'clock-drift',
    atMs: 1_000,
    host: 'struck',
    ppm: 100_000,
    durationMs: 2_000,
  };
  const seen = await wallClocks([drift], [1_000, 1_500, 2_000, 3_000, 9_000]);
  const slower = await wallClocks(
    [drift, { ...drift, atMs: 2_000, ppm: -100_000, durationMs: 1_000_000 }],
    [2_000, 3_000, 4_000, 15_000, 16_000],
  );

  expect(seen).toEqual({ struck: [0, 50, 100, 200, 200], other: [0, 0, 0, 0, 0] });
  // The second drift takes the place of the first, and ends with the faults, at 10 s.
  expect(slower.struck).toEqual([100, 0, -100, -700, -700]);
});

test('a wall clock that is off is told to no other host', async () => {
  const send = (socket: net.Socket) => later(1_000, () => socket.write('hello'));
  const options = { durationMs: 5_000 };
  const jump: Fault = { kind: 'clock-jump', atMs: 500, host: 'client', byMs: 86_400_000 };

  const struck = await seenIn(nothing, send, { ...options, faults: [jump] });

  expect(struck).toEqual(await seenIn(nothing, send, options));
});
