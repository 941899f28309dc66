/** A run owns the process while it lasts, and gives everything back however it ends. */
import timers from 'node:timers';
import { expect, test } from 'vitest';
import { run, runClean } from '../run/support.ts';

/** Whatever a run replaces, as it is now. */
function globals() {
  return {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    setImmediate: globalThis.setImmediate,
    clearImmediate: globalThis.clearImmediate,
    Date: globalThis.Date,
    performance: globalThis.performance,
    random: Math.random,
    hrtime: process.hrtime,
    timeout: AbortSignal.timeout,
    modules: { ...timers },
    rejections: process.listeners('unhandledRejection'),
    captures: process.hasUncaughtExceptionCaptureCallback(),
  };
}

function expectSame(after: ReturnType<typeof globals>, before: ReturnType<typeof globals>): void {
  for (const [name, value] of Object.entries(before)) {
    expect.soft(Reflect.get(after, name), name).toEqual(value);
    if (typeof value === 'function') expect.soft(Reflect.get(after, name), name).toBe(value);
  }
}

test('everything is put back by identity when a run ends', async () => {
  const before = globals();

  await runClean({ a: () => void setInterval(() => {}, 10) });

  expectSame(globals(), before);
});

test('everything is put back when the system throws while it is set up', async () => {
  const before = globals();

  const failed = run(
    {},
    {
      setUp: () => {
        throw new Error('no system');
      },
    },
  );

  await expect(failed).rejects.toThrow('no system');
  expectSame(globals(), before);
});

test('everything is put back when the observer of a run throws', async () => {
  const before = globals();

  const failed = run(
    { a: () => {} },
    {
      beforeChecks: () => {
        throw new Error('bad observer');
      },
    },
  );

  await expect(failed).rejects.toThrow('bad observer');
  expectSame(globals(), before);
});

test('everything is put back when the code under test throws', async () => {
  const before = globals();

  const outcome = await run({
    a: () => {
      throw new Error('cannot start');
    },
  });

  expect(outcome.verdict).toBe('crashed');
  expectSame(globals(), before);
});

test('a second run while one is on is refused, and the first goes on', async () => {
  const first = runClean({ a: () => {} });

  await expect(run({ a: () => {} })).rejects.toMatchObject({ code: 'ERR_SIM_CONCURRENT_RUN' });
  expect((await first).verdict).toBe('passed');
});
