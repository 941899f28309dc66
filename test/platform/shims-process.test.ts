/** `process` and the thread pool of `node:crypto`, as a simulated host has them. */
import crypto, { scrypt as importedScrypt } from 'node:crypto';
import net from 'node:net';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { currentProcess } from '../../sim/process/simulated-process.ts';
import { watch } from '../network/tcp-support.ts';
import { now, run, runClean } from '../run/support.ts';

const capturedSetTimeout = globalThis.setTimeout;
const capturedClearTimeout = globalThis.clearTimeout;

test('a global timer that was captured before a run is virtual in it', async () => {
  const seen: unknown[] = [];
  await runClean(
    {
      a: () => {
        capturedSetTimeout(() => seen.push(now(), currentProcess()?.host.name), 5_000);
        capturedClearTimeout(capturedSetTimeout(() => seen.push('cleared'), 10));
        capturedClearTimeout(setTimeout(() => seen.push('cleared'), 10));
      },
    },
    { durationMs: 10_000 },
  );

  expect(seen).toEqual([5_000, 'a']);
});

test('a timer of the real world can be cleared in a run', async () => {
  let fired = false;
  const timer = setTimeout(() => {
    fired = true;
  }, 20);
  const byNumber = Number(
    setTimeout(() => {
      fired = true;
    }, 20),
  );

  await runClean({
    a: () => {
      clearTimeout(timer);
      clearTimeout(byNumber);
      capturedClearTimeout(undefined);
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 60));

  expect(fired).toBe(false);
});

test('a signal is heard by the process of one host, and by nothing else', async () => {
  const before = process.listenerCount('SIGTERM');
  const seen: string[] = [];
  const listen = (name: string) => () => {
    process.once('SIGTERM', (signal) =>
      seen.push(`${name} ${signal} ${currentProcess()?.host.name}`),
    );
    process.on('exit', () => seen.push('exit'));
    seen.push(`${process.listenerCount('SIGTERM')}`);
  };
  await runClean(
    { a: listen('a'), b: listen('b') },
    { at: { 50: (world) => world.signal(world.host('a'), 'SIGTERM') } },
  );

  expect(seen).toEqual(['1', '1', 'a SIGTERM a']);
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('a signal without a listener ends the process', async () => {
  const seen: string[] = [];
  await runClean(
    {
      server: () => {
        net.createServer().listen(80);
        process.once('SIGTERM', () => seen.push(`${now()} handled`));
      },
      client: () => void watch(seen, 'client', net.connect(80, 'server')),
    },
    {
      at: {
        50: (world) => world.signal(world.host('server'), 'SIGTERM'),
        60: (world) => world.signal(world.host('server'), 'SIGTERM'),
      },
    },
  );

  expect(seen).toEqual(['2 client connect', '50 handled', '61 client end', '61 client close']);
});

test('work of the thread pool that gives the same for the same is answered in virtual time', async () => {
  const seen: unknown[] = [];
  const key = crypto.scryptSync('password', 'salt', 8).toString('hex');
  const derived = crypto.pbkdf2Sync('password', 'salt', 10, 8, 'sha256').toString('hex');
  const hash = crypto.createHash('sha256').update('abc').digest('hex');
  await runClean({
    a: async () => {
      importedScrypt('password', 'salt', 8, (_, bytes) => seen.push(bytes.toString('hex')));
      crypto.pbkdf2('password', 'salt', 10, 8, 'sha256', (error, bytes) => {
        seen.push(error, bytes.toString('hex'), now(), currentProcess()?.host.name);
      });
      seen.push('called');
      const digest = await globalThis.crypto.subtle.digest('SHA-256', Buffer.from('abc'));
      seen.push(Buffer.from(digest).toString('hex'));
      seen.push(
        ((await promisify(crypto.scrypt)('password', 'salt', 8)) as Buffer).toString('hex'),
      );
    },
  });

  expect(seen).toEqual(['called', key, null, derived, 0, 'a', hash, key]);
});

test('uptime is virtual', async () => {
  const seen: number[] = [];
  await runClean({ a: () => void setTimeout(() => seen.push(process.uptime()), 250) });

  expect(seen).toEqual([0.25]);
});

test('digests with all of this are the same each time', async () => {
  const hosts = {
    a: () => {
      crypto.scrypt('password', 'salt', 8, (_, bytes) => {
        setTimeout(() => {}, bytes[0]);
      });
      process.on('SIGTERM', () => {});
    },
  };

  const [first, second] = [await run(hosts), await run(hosts)];

  expect(second.digest).toBe(first.digest);
});
