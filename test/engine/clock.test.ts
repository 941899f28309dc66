/** Timers of the code under test: what Node's can do, they can. */
import { expect, test } from 'vitest';
import { now, run, runClean, traced } from '../run/support.ts';

test('a timer can be refreshed before and after it fires, and not once it is cleared', async () => {
  const seen: string[] = [];
  const note = (what: string) => () => seen.push(`${what} ${now()}`);
  await runClean({
    a: () => {
      const early = setTimeout(note('early'), 100);
      setTimeout(() => early.refresh(), 50);
      const twice = setTimeout(note('twice'), 100);
      setTimeout(() => twice.refresh(), 200);
      const cleared = setTimeout(note('cleared'), 100);
      clearTimeout(cleared);
      cleared.refresh();
      const fired = setTimeout(note('fired'), 10);
      setTimeout(() => {
        clearTimeout(fired);
        fired.refresh();
      }, 20);
    },
  });

  expect(seen).toEqual(['fired 10', 'twice 100', 'early 150', 'twice 300']);
});

test('timers can be cleared by handle, by number, by close, and by the name of the other kind', async () => {
  const seen: string[] = [];
  await runClean({
    a: () => {
      clearTimeout(setTimeout(() => seen.push('handle'), 10));
      clearTimeout(Number(setTimeout(() => seen.push('number'), 10)));
      clearTimeout(String(Number(setTimeout(() => seen.push('string'), 10))));
      setTimeout(() => seen.push('closed'), 10).close();
      clearInterval(setTimeout(() => seen.push('timeout'), 10));
      clearTimeout(setInterval(() => seen.push('interval'), 10));
      clearImmediate(setImmediate(() => seen.push('immediate')));
      clearTimeout(undefined);
      clearTimeout(Number.NaN);
      clearInterval(undefined);
      clearImmediate(undefined);
    },
  });

  expect(seen).toEqual([]);
});

test('an immediate is not cleared as a timeout, nor the other way round, as in Node', async () => {
  const seen: string[] = [];
  await runClean({
    a: () => {
      Reflect.apply(clearTimeout, undefined, [setImmediate(() => seen.push('immediate'))]);
      Reflect.apply(clearImmediate, undefined, [setTimeout(() => seen.push('timeout'), 1)]);
    },
  });

  expect(seen).toEqual(['immediate', 'timeout']);
});

test('an interval keeps its beat until it is cleared in its own callback', async () => {
  const seen: number[] = [];
  await runClean({
    a: () => {
      const interval = setInterval(() => {
        seen.push(now());
        if (seen.length === 4) clearInterval(interval);
      }, 25);
    },
  });

  expect(seen).toEqual([25, 50, 75, 100]);
});

test('ref and unref are remembered and change nothing', async () => {
  const seen: unknown[] = [];
  await runClean({
    a: () => {
      const timer = setTimeout(() => seen.push(now()), 10);
      seen.push(timer.hasRef(), timer.unref() === timer, timer.hasRef(), timer.ref().hasRef());
    },
  });

  expect(seen).toEqual([true, true, false, true, 10]);
});

test('delays that Node does not take are 1 millisecond', async () => {
  const seen: number[] = [];
  await runClean({
    a: () => {
      for (const delay of [0, -5, Number.NaN, 2 ** 31, undefined, 0.5, '7', 1.9]) {
        Reflect.apply(setTimeout, undefined, [() => seen.push(now()), delay]);
      }
    },
  });

  expect(seen).toEqual([1, 1, 1, 1, 1, 1, 1, 7]);
});

test('arguments are passed on, and what is no function is an error', async () => {
  const seen: unknown[] = [];
  await runClean({
    a: () => {
      setTimeout((...args) => seen.push(args), 5, 1, 'two');
      setImmediate((...args) => seen.push(args), 3);
      try {
        Reflect.apply(setTimeout, undefined, ['code', 5]);
      } catch (error) {
        seen.push((error as NodeJS.ErrnoException).code);
      }
    },
  });

  expect(seen).toEqual(['ERR_INVALID_ARG_TYPE', [3], [1, 'two']]);
});

test('timers of one instant fire in the order in which they were set, each as an event of its own', async () => {
  const seen: string[] = [];
  const { trace } = await traced({
    a: () => {
      for (const name of ['one', 'two']) {
        setTimeout(() => {
          seen.push(name);
          queueMicrotask(() => seen.push(`after ${name}`));
        }, 5);
      }
    },
  });

  expect(seen).toEqual(['one', 'after one', 'two', 'after two']);
  expect(trace.filter(({ kind }) => kind === 'timer')).toEqual([
    { event: 2, atMs: 5, kind: 'timer', host: 'a', incarnation: 1, cause: 1, id: 1 },
    { event: 3, atMs: 5, kind: 'timer', host: 'a', incarnation: 1, cause: 1, id: 2 },
  ]);
});

test('timers that wait are known with their owner, and gone with it', async () => {
  const seen: unknown[] = [];
  function tick() {}
  await runClean(
    {
      a: () => {
        setInterval(tick, 1_000);
        setTimeout(tick, 5);
      },
      b: () => void setTimeout(tick, 2_000),
    },
    {
      at: {
        50: (world) => {
          const [a, b] = world.hosts;
          seen.push(world.pendingTimers().length, world.pendingTimers(b?.process).length);
          const [timer] = world.pendingTimers(a?.process);
          seen.push(timer?.kind, timer?.delayMs, timer?.callback, timer?.owner?.host.name);
          if (a !== undefined) world.kill(a);
          seen.push(world.pendingTimers().length);
        },
      },
    },
  );

  expect(seen).toEqual([2, 1, 'interval', 1_000, 'tick', 'a', 1]);
});

test('a timer of the real world can be cleared during a run', async () => {
  let fired = false;
  const real = setTimeout(() => {
    fired = true;
  }, 30);

  await run({ a: () => clearTimeout(real) });
  await new Promise((resolve) => setTimeout(resolve, 60));

  expect(fired).toBe(false);
});

test('a timer that was set in a run does nothing after it', async () => {
  let fired = false;
  await run({
    a: () =>
      void setTimeout(() => {
        fired = true;
      }, 5_000),
  });

  await new Promise((resolve) => setTimeout(resolve, 20));

  expect(fired).toBe(false);
});
