/** Who owns what, across promises, timers and sockets; and what is left of a process that has died. */
import { AsyncLocalStorage } from 'node:async_hooks';
import net from 'node:net';
import { expect, test } from 'vitest';
import { currentProcess } from '../../sim/process/simulated-process.ts';
import type { World } from '../../sim/run/world.ts';
import { onBothNetworks } from '../network/conformance/both-networks.ts';
import { now, runClean } from '../run/support.ts';

function owners(world: World): (string | undefined)[] {
  return world.pendingTimers().map(({ owner }) => owner?.host.name);
}

const me = () => currentProcess()?.host.name;

test('a promise made by one host and awaited by another leaves its timers with the one that awaits', async () => {
  const seen: unknown[] = [];
  let promise: Promise<void> = Promise.resolve();
  await runClean(
    {
      maker: () => {
        promise = new Promise((resolve) => setTimeout(resolve, 10));
      },
      waiter: async () => {
        await promise;
        seen.push(me());
        setTimeout(() => seen.push(me()), 100);
      },
    },
    { at: { 50: (world) => seen.push(owners(world)) } },
  );

  expect(seen).toEqual(['waiter', ['waiter'], 'waiter']);
});

test('every way to run later stays with the host that asked', async () => {
  const seen: string[] = [];
  const note = (what: string) => () => seen.push(`${what} ${me()}`);
  await runClean({
    a: () => {
      setTimeout(note('timeout'), 5);
      setImmediate(note('immediate'));
      process.nextTick(note('tick'));
      queueMicrotask(note('microtask'));
      Promise.resolve().then(note('promise'));
    },
    b: () => {
      setTimeout(note('timeout'), 5);
      queueMicrotask(note('microtask'));
    },
  });

  expect(seen).toEqual([
    ...['tick a', 'microtask a', 'promise a', 'immediate a', 'microtask b'],
    ...['timeout a', 'timeout b'],
  ]);
});

test('sockets call back as the host that they belong to', async () => {
  const seen: string[] = [];
  const note = (what: string) => () => seen.push(`${what} ${me()}`);
  await runClean({
    server: () => {
      const server = net.createServer((socket) => {
        note('connection')();
        socket.on('data', note('data'));
        socket.on('close', note('closed'));
        socket.write('hi');
      });
      server.listen(80, note('listening'));
    },
    client: () => {
      const socket = net.connect(80, 'server', note('connect'));
      socket.on('data', note('data'));
      socket.write('hello');
      setTimeout(() => socket.end(note('ended')), 20);
      socket.on('close', note('closed'));
    },
  });

  expect(seen.filter((what) => !what.endsWith('server'))).toEqual([
    ...['connect client', 'data client', 'ended client', 'closed client'],
  ]);
  expect(seen.filter((what) => what.endsWith('server'))).toEqual([
    ...['listening server', 'connection server', 'data server', 'closed server'],
  ]);
});

test('an AsyncLocalStorage of the code under test follows timers and sockets as in Node', async () => {
  const storage = new AsyncLocalStorage<string>();

  const { real, simulated } = await onBothNetworks(({ note, done, aWhile }) => {
    const noteStore = (what: string) => () => note(what, String(storage.getStore()));
    // What the socket of a server inherits differs between the versions of Node.
    const server = net.createServer((socket) => {
      noteStore('connection')();
      socket.resume();
    });
    const connect = () => {
      setTimeout(noteStore('timeout'), 1);
      setImmediate(noteStore('immediate'));
      const interval = setInterval(() => {
        noteStore('interval')();
        clearInterval(interval);
      }, 2);
      const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
      socket.on('connect', () => {
        noteStore('connect')();
        storage.run('inner', () => socket.write('x', noteStore('written')));
      });
      socket.on('close', noteStore('close'));
      aWhile(() => socket.destroy());
      aWhile(() => server.close(done));
    };
    storage.run('listening', () => server.listen(0, '127.0.0.1'));
    server.on('listening', () => storage.run('connecting', connect));
  });

  expect(simulated).toEqual(real);
});

test('timers of a killed host never fire, and those of its next life do', async () => {
  const seen: string[] = [];
  await runClean(
    {
      a: (incarnation) => {
        setTimeout(() => seen.push(`timeout ${incarnation} at ${now()}`), 100);
        setInterval(() => seen.push(`interval ${incarnation} at ${now()}`), 40);
      },
    },
    { faults: [{ kind: 'kill', atMs: 50, host: 'a', restartAfterMs: 10 }], durationMs: 180 },
  );

  expect(seen).toEqual([
    ...['interval 1 at 40', 'interval 2 at 100', 'interval 2 at 140'],
    ...['timeout 2 at 160', 'interval 2 at 180'],
  ]);
});

test('nothing that a dead incarnation calls has an effect', async () => {
  const seen: string[] = [];
  let wake = () => {};
  const asleep = new Promise<void>((resolve) => {
    wake = resolve;
  });
  let serverGot = '';
  const outcome = await runClean(
    {
      server: () => {
        net
          .createServer((socket) => {
            socket.on('data', (bytes) => (serverGot += bytes));
            socket.on('end', () => seen.push('the server sees the end'));
          })
          .listen(80);
      },
      victim: async (incarnation) => {
        if (incarnation > 1) {
          net.createServer().listen(81, () => seen.push('the port is free'));
          return;
        }
        const socket = net.connect(80, 'server');
        net.createServer().listen(81);
        const timer = setTimeout(() => seen.push('refreshed timer'), 30);
        await asleep;
        seen.push('the dead one wakes');
        setTimeout(() => seen.push('timeout'), 1);
        setInterval(() => seen.push('interval'), 1);
        setImmediate(() => seen.push('immediate'));
        timer.refresh();
        socket.write('from the dead', () => seen.push('written'));
        socket.end(() => seen.push('ended'));
        net.connect(80, 'server', () => seen.push('connected'));
        net.createServer().listen(82, () => seen.push('listening'));
      },
      caller: () => {
        setTimeout(() => {
          const socket = net.connect(82, 'victim');
          socket.on('error', (error: NodeJS.ErrnoException) => seen.push(`82 ${error.code}`));
        }, 100);
      },
    },
    {
      faults: [{ kind: 'kill', atMs: 20, host: 'victim', restartAfterMs: 5 }],
      at: { 60: () => wake() },
      settleMs: 100,
    },
  );

  expect(seen).toEqual([
    ...['the server sees the end', 'the port is free', 'the dead one wakes', '82 ECONNREFUSED'],
  ]);
  expect(serverGot).toBe('');
  expect(outcome.connections).toBe(1);
});

test('an immediate runs before everything else that is due', async () => {
  const seen: string[] = [];
  await runClean({
    a: () => {
      setTimeout(() => {
        setTimeout(() => seen.push('timer'), 0);
        setImmediate(() => {
          seen.push('first immediate');
          setImmediate(() => seen.push('second immediate'));
        });
      }, 1);
      setTimeout(() => seen.push('timer of the same instant'), 1);
    },
  });

  expect(seen).toEqual([
    'first immediate',
    'second immediate',
    'timer of the same instant',
    'timer',
  ]);
});
