/** Compression without the thread pool: the order of completions is the order of the calls, at one virtual instant. */

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { World } from '../../sim/run/world.ts';
import { now, runClean, traced } from '../run/support.ts';

const text = 'to and fro, '.repeat(2_000);

test('eight parallel deflates complete in the order of submission', async () => {
  const seen: unknown[] = [];
  await runClean({
    a: () => {
      // The first has most to do: on a thread pool it is among the last.
      for (let index = 0; index < 8; index++) {
        const size = index === 0 ? 2_000_000 : 100;
        zlib.deflate(Buffer.alloc(size, 'z'), () => seen.push(index, now()));
      }
      seen.push('submitted');
    },
  });

  expect(seen).toEqual(['submitted', ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((index) => [index, 0])]);
});

test('every form of zlib gives back what it was given', async () => {
  const seen: string[] = [];
  await runClean({
    a: async () => {
      const gzipped = await promisify(zlib.gzip)(text);
      seen.push(String(await promisify(zlib.gunzip)(gzipped)));
      seen.push(String(await promisify(zlib.brotliDecompress)(zlib.brotliCompressSync(text))));
      seen.push(String(await promisify(zlib.unzip)(await promisify(zlib.deflate)(text))));
      const stream = zlib.createGzip().end(text).pipe(zlib.createGunzip());
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      seen.push(String(Buffer.concat(chunks)));
    },
  });

  expect(seen).toEqual([text, text, text, text]);
});

test('data that cannot be decompressed is an error of its callback and of its stream', async () => {
  const seen: unknown[] = [];
  await runClean({
    a: () => {
      zlib.gunzip(Buffer.from('not gzip'), (error) => {
        seen.push((error as NodeJS.ErrnoException | null)?.code);
      });
      const stream = zlib.createInflate();
      stream.on('error', (error: NodeJS.ErrnoException) => seen.push(`stream ${error.code}`));
      stream.on('close', () => seen.push('close'));
      stream.write('not deflate', () => seen.push('written'));
    },
  });
  const real: unknown[] = [];
  await new Promise<void>((resolve) => {
    const stream = zlib.createInflate();
    stream.on('error', (error: NodeJS.ErrnoException) => real.push(`stream ${error.code}`));
    stream.on('close', () => {
      real.push('close');
      setTimeout(resolve, 10);
    });
    stream.write('not deflate', () => real.push('written'));
  });

  expect(seen.filter((what) => what !== 'Z_DATA_ERROR')).toEqual(real);
  expect(seen).toContain('Z_DATA_ERROR');
});

test('a stream that is destroyed in the middle of its work says close, and nothing breaks', async () => {
  const seen: string[] = [];
  await runClean({
    a: () => {
      const stream = zlib.createDeflate();
      stream.on('close', () => seen.push('close'));
      stream.on('data', () => seen.push('data'));
      stream.write(text);
      stream.destroy();
    },
  });

  expect(seen).toEqual(['close']);
});

test('the work of a killed host is never completed', async () => {
  const seen: string[] = [];
  const worlds: World[] = [];
  const work = () => {
    zlib.gzip(text, () => seen.push('completed'));
    for (const world of worlds) world.kill(world.host('a'));
  };

  await runClean({ a: () => void setTimeout(work, 10) }, { setUp: (world) => worlds.push(world) });

  expect(seen).toEqual([]);
});

test('real ws compresses between real client and server, and the run stays the same', async () => {
  const hosts = (seen: string[]) => ({
    server: () => {
      const server = new WebSocketServer({ port: 80, perMessageDeflate: { threshold: 0 } });
      server.on('connection', (socket) => {
        socket.on('message', (data) => {
          for (let index = 0; index < 4; index++) socket.send(`${index} ${data}`);
        });
      });
    },
    client: () => {
      const socket = new WebSocket('ws://server/', { generateMask: (mask) => mask.fill(7) });
      socket.on('open', () => socket.send(text));
      socket.on('message', (data) => {
        seen.push(String(data));
        if (seen.length === 4) socket.close();
      });
      socket.on('close', (code) => seen.push(`${socket.extensions} ${code}`));
    },
  });
  const seen: string[] = [];

  const first = await traced(hosts(seen));
  const again = await traced(hosts([]));

  expect(seen).toEqual([
    ...[0, 1, 2, 3].map((index) => `${index} ${text}`),
    'permessage-deflate 1005',
  ]);
  expect(first.outcome.wireBytes).toBeLessThan(text.length);
  expect(first.trace.filter(({ kind }) => kind === 'zlib').length).toBeGreaterThan(5);
  expect(again.outcome).toEqual(first.outcome);
});

test('outside a run zlib works on its thread pool', async () => {
  await runClean({ a: () => void zlib.gzip(text, () => {}) });

  const gzipped = await promisify(zlib.gzip)(text);

  expect(String(await promisify(zlib.gunzip)(gzipped))).toBe(text);
});
