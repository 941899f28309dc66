/** An error of the code under test is an outcome, wherever it is thrown; the process and its handlers are untouched. */
import { EventEmitter } from 'node:events';
import net from 'node:net';
import { expect, test, vi } from 'vitest';
import { run, runClean } from '../run/support.ts';

const oops = () => {
  throw new TypeError('oops');
};

const throwers: Record<string, () => void> = {
  'at the start of a host': oops,
  'in a timer': () => void setTimeout(oops, 10),
  'in an interval': () => void setInterval(oops, 10),
  'in an immediate': () => void setImmediate(oops),
  'in a nextTick': () => process.nextTick(oops),
  'in a nextTick of a timer': () => void setTimeout(() => process.nextTick(oops), 10),
  'in a microtask': () => queueMicrotask(oops),
  'in an event listener': () => {
    const emitter = new EventEmitter().on('event', oops);
    setTimeout(() => emitter.emit('event'), 10);
  },
  'in an error event without a listener': () => {
    setTimeout(() => new EventEmitter().emit('error', new TypeError('oops')), 10);
  },
  'in the data handler of a socket': () => {
    const server = net.createServer((socket) => socket.on('data', oops));
    server.listen(80, () => net.connect(80, 'localhost').write('x'));
  },
  'in the connection handler of a server': () => {
    const server = net.createServer(oops);
    server.listen(80, () => net.connect(80, 'localhost'));
  },
  'in an asynchronous function': () => {
    void (async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      oops();
    })();
  },
  'in a rejected promise': () => void Promise.reject(new TypeError('oops')),
};

for (const drain of ['at-once', 'by-turn'] as const) {
  for (const [where, thrower] of Object.entries(throwers)) {
    test(`an error ${where} is an outcome that names the host (drained ${drain})`, async () => {
      const later: string[] = [];
      const idle = () => void setTimeout(() => later.push('time goes on'), 500);

      const outcome = await run({ idle, thrower }, { drain });

      expect(outcome.verdict).toBe('crashed');
      expect(outcome.failure).toMatchObject({
        invariant: 'no error is left uncaught',
        detail: 'TypeError: oops on host thrower',
        stack: expect.stringContaining('uncaught.test.ts'),
      });
      expect(outcome.invariants[0]).toMatchObject({ failures: 1 });
      expect(later).toEqual([]);
    });
  }
}

test('a rejection that is handled later within its event is not an error', async () => {
  await runClean({
    a: () => {
      const rejected = Promise.reject(new Error('handled'));
      process.nextTick(() => rejected.catch(() => {}));
    },
  });
});

test('an error in a timer and another one in its tick are one outcome', async () => {
  const outcome = await run({
    a: () => {
      setTimeout(() => {
        process.nextTick(() => {
          throw new Error('second');
        });
        throw new Error('first');
      }, 10);
    },
  });

  expect(outcome.failure?.detail).toBe('Error: first on host a');
});

test('what is thrown need not be an error', async () => {
  const outcome = await run({
    a: () => {
      setTimeout(() => {
        throw 'a string';
      }, 5);
    },
  });

  expect(outcome.failure?.detail).toBe('a string on host a');
});

test('the first error is the one that counts', async () => {
  const outcome = await run({
    a: () => {
      process.nextTick(() => {
        throw new Error('first');
      });
      process.nextTick(() => {
        throw new Error('second');
      });
    },
  });

  expect(outcome.failure?.detail).toBe('Error: first on host a');
});

test('the handlers of the process hear nothing of it, and are back afterwards', async () => {
  const onRejection = vi.fn();
  const once = vi.fn();
  process.on('unhandledRejection', onRejection);
  process.once('unhandledRejection', once);
  const before = process.rawListeners('unhandledRejection');

  await run({ a: () => void Promise.reject(new Error('inside')) });
  await run({ a: () => process.nextTick(oops) });

  expect(process.rawListeners('unhandledRejection')).toEqual(before);
  expect(onRejection).not.toHaveBeenCalled();
  process.removeListener('unhandledRejection', onRejection);
  process.removeListener('unhandledRejection', once);
});

test('errors of resets cost no stack, and the limit of stacks stays as it was', async () => {
  const limit = Error.stackTraceLimit;
  const stacks: (string | undefined)[] = [];
  await runClean({
    server: () => {
      const server = net.createServer((socket) => setTimeout(() => socket.resetAndDestroy(), 5));
      server.listen(80);
    },
    client: () => {
      const socket = net.connect(80, 'server');
      socket.on('error', (error) => {
        stacks.push(error.stack, new Error('mine').stack);
      });
    },
  });

  expect(stacks[0]).toBe('Error: read ECONNRESET');
  expect(stacks[1]).toContain('uncaught.test.ts');
  expect(Error.stackTraceLimit).toBe(limit);
});

test('with one watchdog over several runs, a run after one that threw is as good as any', async () => {
  const boot = () => void setTimeout(() => {}, 20);
  const shared = { watchdog: 'shared' } as const;
  const before = await runClean({ a: boot }, shared);

  const thrown = await run(
    { a: () => process.nextTick(() => process.nextTick(() => Promise.reject(new Error('no')))) },
    shared,
  );
  const ticked = await run(
    {
      a: () =>
        void setTimeout(() => {
          process.nextTick(() => {
            throw new Error('no');
          });
        }, 5),
    },
    shared,
  );

  expect(thrown.verdict).toBe('crashed');
  expect(ticked.verdict).toBe('crashed');
  expect(await runClean({ a: boot }, shared)).toEqual(before);
});
