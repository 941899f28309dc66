/** Bytes: cut, joined, held back, and none lost; and what is left of a connection afterwards. */
import { createHash } from 'node:crypto';
import net from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { World } from '../../sim/run/world.ts';
import type { NetworkProfile } from '../../sim/scenario/scenario.ts';
import { runClean, traced } from '../run/support.ts';

/** Bytes that repeat nowhere, so that a swap or a loss shows. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) bytes[index] = (index * 31 + (index >> 8)) & 255;
  return bytes;
}

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function transfer(sent: readonly Buffer[], network: Partial<NetworkProfile>, seed = 1) {
  const received: Buffer[] = [];
  const { outcome, trace } = await traced(
    {
      server: () => {
        const server = net.createServer((socket) => {
          socket.on('data', (bytes) => received.push(bytes));
        });
        server.listen(80);
      },
      client: () => {
        const socket = net.connect(80, 'server');
        for (const bytes of sent) socket.write(bytes);
        socket.end();
      },
    },
    { network, seed, durationMs: 600_000 },
  );
  const segments = trace.filter(({ kind }) => kind === 'segment');
  return { received: Buffer.concat(received), outcome, segments };
}

test('one-byte segments give the same bytes in order', async () => {
  const bytes = pattern(500);

  const { received, segments } = await transfer([bytes], { segmentBytes: { min: 1, max: 1 } });

  expect(received.equals(bytes)).toBe(true);
  expect(segments).toHaveLength(500);
});

test('writes of one event are joined into one segment where it is large enough', async () => {
  const { segments } = await transfer([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')], {});

  expect(segments.map(({ bytes }) => Buffer.from(bytes ?? '', 'base64').toString())).toEqual([
    'abc',
  ]);
});

test('a megabyte goes through tiny buffers byte by byte as it was written', async () => {
  const bytes = pattern(1_048_576);
  const network = {
    sendBufferBytes: 700,
    receiveBufferBytes: 1_000,
    latencyMs: { min: 0, max: 1 },
  };

  const { received } = await transfer([bytes], network);

  expect(hash(received)).toBe(hash(bytes));
});

test('whatever the sizes of writes, segments and buffers, what arrives is what was written', async () => {
  const size = fc.integer({ min: 1, max: 3_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 8 }),
      fc.tuple(size, size, size),
      fc.nat(1_000),
      async (writes, [sendBufferBytes, receiveBufferBytes, max], seed) => {
        const all = pattern(writes.reduce((sum, length) => sum + length, 0));
        let rest = all;
        const sent = writes.map((length) => {
          const bytes = rest.subarray(0, length);
          rest = rest.subarray(length);
          return bytes;
        });
        const network = { sendBufferBytes, receiveBufferBytes, segmentBytes: { min: 1, max } };

        const { received, outcome } = await transfer(sent, network, seed);

        expect(received.equals(all)).toBe(true);
        expect(outcome.wireBytes).toBe(all.length);
      },
    ),
    { numRuns: 50 },
  );
});

test('what is on its way at once is bounded by the buffers, and the rest stays with the writer', async () => {
  const lengths: number[] = [];
  const says: boolean[] = [];
  await runClean(
    {
      server: () => {
        const server = net.createServer({ pauseOnConnect: true }, (socket) => {
          setTimeout(() => socket.resume(), 500);
        });
        server.listen(80);
      },
      client: () => {
        const socket = net.connect(80, 'server', () => {
          for (let count = 0; count < 10; count++) says.push(socket.write(Buffer.alloc(20_000)));
        });
        socket.on('drain', () => lengths.push(socket.writableLength));
        setTimeout(() => lengths.push(socket.writableLength), 100);
        setTimeout(() => lengths.push(socket.writableLength), 400);
      },
    },
    { network: { sendBufferBytes: 30_000, receiveBufferBytes: 50_000 }, durationMs: 2_000 },
  );

  // 80,000 bytes are in the two kernels; the last eight writes are one, which counts until all of it is taken, as in Node.
  expect(lengths).toEqual([160_000, 160_000, 0]);
  expect(says.filter((goesOn) => goesOn)).toHaveLength(4);
});

test('a buffer may be used again as soon as its write is done', async () => {
  const received: string[] = [];
  await runClean({
    server: () => {
      net
        .createServer((socket) => socket.on('data', (bytes) => received.push(`${bytes}`)))
        .listen(80);
    },
    client: () => {
      const bytes = Buffer.from('first');
      const socket = net.connect(80, 'server', () => {
        socket.write(bytes, () => bytes.fill('x'));
      });
    },
  });

  expect(received).toEqual(['first']);
});

test('nothing is left in the network of connections that have ended, however they did', async () => {
  const left: unknown[] = [];
  const count = (world: World) => {
    left.push(
      world.network.connections.size,
      world.hosts.map(({ endpoints }) => endpoints.size),
    );
  };
  const ends: ((socket: net.Socket) => void)[] = [
    (socket) => socket.end(),
    (socket) => socket.destroy(),
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.on('connect', () => socket.end('x')),
    (socket) => socket.on('connect', () => socket.destroy()),
    (socket) => socket.on('connect', () => socket.resetAndDestroy()),
    (socket) => socket.on('connect', () => setTimeout(() => socket.destroySoon(), 5)),
    (socket) => setTimeout(() => socket.destroy(), 1),
  ];
  await runClean(
    {
      server: () => {
        net
          .createServer((socket) => {
            socket.on('error', () => {}).resume();
            socket.write('hello');
          })
          .listen(80);
      },
      client: () => {
        for (const end of ends) {
          for (const [port, host] of [
            [80, 'server'],
            [81, 'server'],
            [80, 'nowhere'],
          ] as const) {
            const socket = net.connect(port, host);
            socket.on('error', () => {}).resume();
            end(socket);
          }
        }
      },
    },
    { at: { 3: count, 1000: count } },
  );

  expect(left[0]).toBeGreaterThan(5);
  expect(left.slice(2)).toEqual([0, [0, 0]]);
});

test('a connection whose peer is gone for good is forgotten once the kernel gives up', async () => {
  const left: number[] = [];
  await runClean(
    {
      server: () => void net.createServer(() => {}).listen(80),
      client: () => {
        const socket = net.connect(80, 'server');
        setTimeout(() => socket.destroy(), 100);
        net
          .connect(80, 'server')
          .on('error', () => {})
          .destroy();
      },
    },
    {
      faults: [{ kind: 'power-loss', atMs: 50, host: 'server' }],
      network: { retransmitTimeoutMs: 1_000 },
      durationMs: 5_000,
      at: { 4000: (world) => left.push(world.network.connections.size) },
    },
  );

  expect(left).toEqual([0]);
});
