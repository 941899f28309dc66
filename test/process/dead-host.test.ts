/** What a process that has died can still reach: nothing, whatever wakes its promises and callbacks. */
import crypto from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import type { World } from '../../sim/run/world.ts';
import { runClean } from '../run/support.ts';

/** Everything that a process can do to the world, as often as it is let. */
function touchEverything(seen: string[]): void {
  setTimeout(() => seen.push('timeout'), 1);
  setInterval(() => seen.push('interval'), 1);
  setImmediate(() => seen.push('immediate'));
  sleep(1).then(() => seen.push('promised timeout'));
  AbortSignal.timeout(1).addEventListener('abort', () => seen.push('aborted'));
  net.connect(80, 'live').on('connect', () => seen.push('connect'));
  http
    .get('http://live/')
    .on('response', () => seen.push('response'))
    .on('error', () => {});
  net.createServer().listen(90, () => seen.push('listening'));
  zlib.gzip('x', () => seen.push('zipped'));
  crypto.randomBytes(8, () => seen.push('random bytes'));
}

/** What there is in the world besides time. */
const stateOf = (world: World) => ({
  timers: world.pendingTimers().length,
  connections: world.network.connections.size,
  ports: world.hosts.flatMap(({ listeners }) => [...listeners.keys()]),
});

/** Each gives the victim something to wait for, and gives the live host what wakes it. */
const wakings: Record<string, (act: () => void) => () => void> = {
  'a promise that a live host resolves': (act) => {
    let wake = () => {};
    new Promise<void>((resolve) => (wake = resolve)).then(act);
    return wake;
  },
  'an async function that awaits twice': (act) => {
    let wake = () => {};
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const body = async () => {
      await asleep;
      await null;
      act();
    };
    void body();
    return wake;
  },
  'a tick that a dead process makes': (act) => {
    let wake = () => {};
    new Promise<void>((resolve) => (wake = resolve)).then(() => process.nextTick(act));
    return wake;
  },
  'a microtask that a dead process makes': (act) => {
    let wake = () => {};
    new Promise<void>((resolve) => (wake = resolve)).then(() => queueMicrotask(act));
    return wake;
  },
  'an event that it waits for': (act) => {
    const target = new EventTarget();
    once(target, 'wake').then(act);
    return () => target.dispatchEvent(new Event('wake'));
  },
  'a stream that a dead process reads asynchronously': (act) => {
    const stream = new PassThrough();
    const read = async () => {
      for await (const _ of stream) act();
    };
    void read();
    return () => stream.write('wake');
  },
};

for (const [waking, prepare] of Object.entries(wakings)) {
  test(`${waking} wakes a dead process in vain`, async () => {
    const seen: string[] = [];
    let woken = 0;
    let wake = () => {};
    const act = () => {
      woken += 1;
      touchEverything(seen);
    };
    const states: unknown[] = [];

    await runClean(
      {
        live: () => {
          net.createServer(() => seen.push('connection')).listen(80);
          setTimeout(() => wake(), 100);
        },
        victim: (incarnation) => {
          if (incarnation === 1) wake = prepare(act);
        },
      },
      {
        faults: [{ kind: 'kill', atMs: 50, host: 'victim', restartAfterMs: 10 }],
        at: {
          101: (world) => states.push(stateOf(world)),
          900: (world) => states.push(stateOf(world)),
        },
      },
    );

    expect(woken).toBe(1);
    expect(seen).toEqual([]);
    expect(states).toEqual(Array(2).fill({ timers: 0, connections: 0, ports: [80] }));
  });
}

test('a write that a live host makes on a socket of a dead one goes nowhere', async () => {
  const seen: string[] = [];
  let socket: net.Socket | undefined;
  await runClean(
    {
      live: () => {
        net
          .createServer((accepted) => {
            accepted.on('data', (bytes) => seen.push(`data ${bytes}`));
            accepted.on('end', () => seen.push('end'));
          })
          .listen(80);
        setTimeout(() => {
          socket?.write('from the dead', () => seen.push('written'));
          socket?.end(() => seen.push('ended'));
          socket?.destroy();
        }, 100);
      },
      victim: (incarnation) => {
        if (incarnation === 1) socket = net.connect(80, 'live');
        socket?.on('close', () => seen.push('closed'));
      },
    },
    { faults: [{ kind: 'kill', atMs: 50, host: 'victim' }] },
  );

  // The end is the kernel's, when the process was killed; the object is memory, and still says that it is destroyed.
  expect(seen).toEqual(['end', 'closed']);
});

test('a callback of a dead process that a live one calls is code of the live one', async () => {
  const owners: unknown[] = [];
  const stream = new PassThrough();
  await runClean(
    {
      live: () => void setTimeout(() => stream.write('x'), 100),
      victim: () => void stream.once('data', () => setTimeout(() => {}, 1_000)),
    },
    {
      faults: [{ kind: 'kill', atMs: 50, host: 'victim' }],
      at: {
        101: (world) => owners.push(world.pendingTimers().map(({ owner }) => owner?.host.name)),
      },
    },
  );

  expect(owners).toEqual([['live']]);
});

test('what a process had under way on the thread pool when it died is never answered', async () => {
  const seen: string[] = [];
  await runClean(
    {
      victim: (incarnation) => {
        if (incarnation > 1) return;
        setTimeout(() => {
          zlib.gzip('x', () => seen.push('zipped'));
          crypto.randomBytes(8, () => seen.push('random bytes'));
        }, 50);
      },
    },
    { beforeChecks: (world) => void (world.nowMs === 50 && world.kill(world.host('victim'))) },
  );

  expect(seen).toEqual([]);
});
