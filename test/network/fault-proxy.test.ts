/** A proxy in front of a server: what it ends, and what it keeps for clients that are gone. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Fault } from '../../sim/scenario/scenario.ts';
import { type Boot, now, type RunOptions, runClean, traced } from '../run/support.ts';
import { client, later, nothing, type Seen, seenIn, server } from './tcp-support.ts';

const proxy = (options: object = {}): Fault =>
  ({ kind: 'proxy', atMs: 5, host: 'server', durationMs: 100_000, ...options }) as Fault;

test('a proxy lets everything pass that is neither idle nor old', async () => {
  const echo = (socket: net.Socket) => socket.on('data', (bytes) => socket.write(bytes));
  const talk = (socket: net.Socket) => {
    for (const atMs of [50, 100, 150]) later(atMs, () => socket.write(`${atMs}`));
    later(200, () => socket.end());
  };
  const options = { idleTimeoutMs: 100, maxAgeMs: 1_000 };

  const seen = await seenIn(echo, talk, { faults: [proxy(options)], durationMs: 2_000 });

  expect(seen).toEqual(await seenIn(echo, talk, { durationMs: 2_000 }));
});

test('a proxy resets what is idle', async () => {
  const talk = (socket: net.Socket) => later(90, () => socket.write('still here'));
  const faults = [proxy({ idleTimeoutMs: 500 })];
  const seen = await seenIn(nothing, talk, { faults, durationMs: 2_000 });

  expect(seen.slice(0, 2)).toEqual(['12 client connect', '101 server data still here']);
  expect(seen.slice(2).sort()).toEqual([
    ...['602 client close', '602 client error ECONNRESET'],
    ...['602 server close', '602 server error ECONNRESET'],
  ]);
});

test('a proxy that drops silently tells neither end, and nothing passes any more', async () => {
  const talk = (socket: net.Socket) => later(600, () => socket.write('are you there?'));
  const seen = await seenIn(nothing, talk, {
    network: { retransmitTimeoutMs: 3_000 },
    faults: [proxy({ idleTimeoutMs: 500, silentDrop: true })],
    durationMs: 2_000,
    settleMs: 8_000,
  });

  // Not even the end of all faults brings it back.
  expect(seen).toEqual(['12 client connect', '3611 client error ETIMEDOUT', '3611 client close']);
});

test('a proxy ends what is old, however busy', async () => {
  const talk = (socket: net.Socket) => {
    const timer = setInterval(() => socket.write('.'), 100);
    socket.on('close', () => clearInterval(timer));
  };
  const faults = [proxy({ idleTimeoutMs: 500, maxAgeMs: 1_000 })];
  const seen = await seenIn(nothing, talk, { faults, durationMs: 3_000 });

  expect(seen.filter((line) => line.includes('ECONNRESET'))).toHaveLength(2);
  expect(seen.at(-1)).toMatch(/^101\d .* close/);
});

test('only connections that are made while it is there pass a proxy', async () => {
  const closed: Seen = [];
  const connect: Boot = () => {
    for (const atMs of [10, 100, 400]) {
      later(atMs, () => {
        const socket = net.connect(80, 'server');
        socket.on('error', nothing);
        socket.on('close', () => closed.push(`of ${atMs} at ${now()}`));
      });
    }
  };
  const accept = (socket: net.Socket) => socket.on('error', nothing);
  await runClean(
    { server: server([], accept), connect },
    { faults: [proxy({ atMs: 50, durationMs: 300, maxAgeMs: 200 })], durationMs: 2_000 },
  );

  expect(closed).toEqual(['of 100 at 302']);
});

/** A WebSocket server that pings every 300 ms, and a client that connects at 10. */
function chat(seen: Seen, then: (socket: WebSocket) => void = nothing) {
  const hosts: Record<string, Boot> = {
    server: () => {
      new WebSocketServer({ port: 80 }).on('connection', (socket) => {
        let pings = 0;
        const timer = setInterval(() => socket.ping(`ping ${pings++}`), 300);
        socket.send('x'.repeat(70_000));
        socket.on('pong', (data) => seen.push(`${now()} pong to ${data}`));
        socket.on('error', (error) => seen.push(`${now()} ${error.message}`));
        socket.on('close', (code) => {
          seen.push(`${now()} closed ${code}`);
          clearInterval(timer);
        });
      });
    },
    client: (incarnation) => {
      if (incarnation > 1) return;
      later(10, () => {
        const socket = new WebSocket('ws://server', { generateMask: (mask) => mask.fill(7) });
        socket.on('error', nothing);
        socket.on('open', () => then(socket));
      });
    },
  };
  return hosts;
}

const deaths: Record<string, { does?: (socket: WebSocket) => void; fault?: Fault }> = {
  'ends its connection': { does: (socket) => later(500, () => socket.terminate()) },
  'is killed': { fault: { kind: 'kill', atMs: 510, host: 'client' } },
  'loses power': { fault: { kind: 'power-loss', atMs: 510, host: 'client' } },
  'goes half-open': { fault: { kind: 'half-open', atMs: 510, host: 'client' } },
  'changes its address': { fault: { kind: 'address-change', atMs: 510, host: 'client' } },
  'is reset': { fault: { kind: 'reset', atMs: 510, host: 'client' } },
};

for (const [death, { does, fault }] of Object.entries(deaths)) {
  test(`a zombie proxy answers pings for a client that ${death}, until it goes itself`, async () => {
    const seen: Seen = [];
    const faults = [proxy({ zombie: true, durationMs: 2_000 }), ...(fault ? [fault] : [])];
    await runClean(chat(seen, does), { faults, durationMs: 4_000 });

    expect(seen.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      ...[0, 1, 2, 3, 4, 5].map((ping) => `pong to ping ${ping}`),
      'closed 1006',
    ]);
  });
}

test('what a zombie proxy says does not depend on how its bytes were cut', async () => {
  const seen: Seen = [];
  const options: RunOptions = {
    network: { segmentBytes: { min: 1, max: 3 } },
    faults: [
      proxy({ zombie: true, durationMs: 2_000 }),
      { kind: 'power-loss', atMs: 510, host: 'client' },
    ],
    durationMs: 4_000,
  };
  const hosts = chat(seen);

  const first = await traced(hosts, options);
  const pongs = seen.splice(0);
  const second = await traced(hosts, options);

  expect(pongs.filter((line) => line.includes('pong'))).toHaveLength(6);
  expect(seen).toEqual(pongs);
  expect(second.outcome.digest).toBe(first.outcome.digest);
});

test('a server that gives up a zombie is answered with an end', async () => {
  const seen: Seen = [];
  const hosts = chat(seen);
  hosts.server = () => {
    new WebSocketServer({ port: 80 }).on('connection', (socket) => {
      socket.on('close', (code) => seen.push(`${now()} closed ${code}`));
      later(1_000, () => socket.close());
    });
  };
  const links: number[] = [];
  await runClean(hosts, {
    faults: [proxy({ zombie: true }), { kind: 'power-loss', atMs: 510, host: 'client' }],
    at: {
      900: (world) => links.push(world.network.connections.size),
      39000: (world) => links.push(world.network.connections.size),
    },
    durationMs: 40_000,
  });

  // It does not answer the close frame; ws waits for that for 30 s.
  expect(seen).toEqual(['31013 closed 1006']);
  expect(links).toEqual([1, 0]);
});

test('a closing handshake passes a zombie proxy', async () => {
  const seen: Seen = [];
  await runClean(
    chat(seen, (socket) => later(100, () => socket.close(4_000))),
    { faults: [proxy({ zombie: true })], durationMs: 2_000 },
  );

  expect(seen).toEqual(['117 closed 4000']);
});

test('a zombie proxy takes everything from a server that waited for a client that did not read', async () => {
  let written = 0;
  const stream = (socket: net.Socket) => {
    socket.on('error', nothing);
    const write = (): void =>
      void socket.write('x'.repeat(1_000), () => written++ < 1_000 && write());
    write();
  };
  const deaf = (socket: net.Socket) => void socket.pause();
  const network = { sendBufferBytes: 5_000, receiveBufferBytes: 5_000 };
  const counts: number[] = [];
  await runClean(
    { server: server([], stream), client: client([], deaf) },
    {
      network,
      faults: [proxy({ zombie: true }), { kind: 'half-open', atMs: 500, host: 'client' }],
      at: { 499: () => counts.push(written), 5000: () => counts.push(written) },
      durationMs: 5_000,
    },
  );

  expect(counts).toEqual([76, 1_001]);
});

test('a client that was silent and comes back is reset by a zombie proxy', async () => {
  const seen = await seenIn(
    (socket) => later(200, () => socket.write('to the zombie')),
    (socket) => later(500, () => socket.write('back')),
    {
      faults: [proxy({ zombie: true })],
      at: {
        100: (world) => void world.network.silence(world.host('client')),
        400: (world) => {
          for (const connection of world.network.connections) connection.repair();
        },
      },
      durationMs: 2_000,
    },
  );

  expect(seen).toEqual(['12 client connect', '512 client error ECONNRESET', '512 client close']);
});
