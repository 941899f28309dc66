/** What is governed during a run, and what is left of it afterwards: timers and clocks. */
import { performance as importedPerformance } from 'node:perf_hooks';
import { hrtime as importedHrtime } from 'node:process';
import {
  clearTimeout as importedClearTimeout,
  setImmediate as importedSetImmediate,
  setInterval as importedSetInterval,
  setTimeout as importedSetTimeout,
} from 'node:timers';
import {
  setImmediate as immediatePromise,
  setInterval as intervalPromise,
  setTimeout as timeoutPromise,
} from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { epochMs } from '../../sim/engine/virtual-clock.ts';
import { now, runClean } from '../run/support.ts';

const promisifiedGlobal = promisify(setTimeout);
const promisifiedImport = promisify(importedSetTimeout);
const capturedNow = importedPerformance.now;
const capturedDateNow = Date.now;
const capturedHrtime = process.hrtime;
const capturedBigint = process.hrtime.bigint;

test('named imports of node:timers follow a run', async () => {
  const seen: [string, number][] = [];
  const note = (what: string) => seen.push([what, now()]);
  await runClean(
    {
      a: () => {
        importedSetTimeout(note, 5_000, 'timeout');
        importedSetImmediate(note, 'immediate');
        importedClearTimeout(importedSetTimeout(note, 10, 'cleared'));
        const interval = importedSetInterval(() => {
          note('interval');
          clearInterval(interval);
        }, 100);
      },
    },
    { durationMs: 10_000 },
  );

  expect(seen).toEqual([
    ['immediate', 0],
    ['interval', 100],
    ['timeout', 5_000],
  ]);
});

test('named imports of node:timers/promises and promisified timers follow a run', async () => {
  const seen: unknown[] = [];
  await runClean(
    {
      a: async () => {
        seen.push(await timeoutPromise(1_000, 'timeout'), now());
        seen.push(await immediatePromise('immediate'), now());
        seen.push(await promisifiedGlobal(1_000, 'global'), now());
        seen.push(await promisifiedImport(1_000, 'import'), now());
        seen.push(await promisify(setTimeout)(1_000, 'inside'), now());
        seen.push(await promisify(setImmediate)('immediate'), now());
        for await (const tick of intervalPromise(500, 'tick')) {
          seen.push(tick, now());
          if (now() >= 5_000) break;
        }
      },
    },
    { durationMs: 10_000 },
  );

  expect(seen).toEqual([
    ...['timeout', 1_000, 'immediate', 1_000, 'global', 2_000, 'import', 3_000],
    ...['inside', 4_000, 'immediate', 4_000, 'tick', 4_500, 'tick', 5_000],
  ]);
});

test('named imports pass through outside a run', async () => {
  await runClean({ a: () => {} });
  const startedMs = capturedNow.call(importedPerformance);

  await new Promise((resolve) => importedSetTimeout(resolve, 20));
  await timeoutPromise(20);
  await promisifiedGlobal(20);
  await promisifiedImport(20);
  await new Promise((resolve) => importedSetImmediate(resolve));
  await immediatePromise();

  const tookMs = importedPerformance.now() - startedMs;
  expect(tookMs).toBeGreaterThan(70);
  expect(tookMs).toBeLessThan(2_000);
});

test('clocks that were captured before a run are virtual in it', async () => {
  const seen: unknown[] = [];
  await runClean({
    a: () => {
      setTimeout(() => {
        seen.push(capturedNow.call(importedPerformance), importedPerformance.now(), now());
        seen.push(
          capturedDateNow() - epochMs,
          Date.now() - epochMs,
          Date.parse(new Date().toISOString()) - epochMs,
        );
        seen.push(capturedHrtime(), importedHrtime(), process.hrtime());
        seen.push(capturedBigint(), importedHrtime.bigint(), process.hrtime.bigint());
      }, 250);
    },
  });

  const half = [0, 250_000_000];
  expect(seen).toEqual([
    250,
    250,
    250,
    250,
    250,
    250,
    half,
    half,
    half,
    ...Array(3).fill(250_000_000n),
  ]);
});

test('AbortSignal.timeout is virtual in a run and real outside', async () => {
  const seen: unknown[] = [];
  await runClean(
    {
      a: () => {
        const signal = AbortSignal.timeout(30_000);
        signal.addEventListener('abort', () => seen.push(now(), signal.reason.name));
      },
    },
    { durationMs: 60_000 },
  );
  const real = AbortSignal.timeout(10);
  await new Promise((resolve) => real.addEventListener('abort', resolve));

  expect(seen).toEqual([30_000, 'TimeoutError']);
  expect(real.reason.name).toBe('TimeoutError');
});

test('the wall clock of one host can be off without touching anything else', async () => {
  const seen: Record<string, number[]> = {};
  const look = (host: string) => {
    const times = [
      Date.now(),
      Date.parse(new Date().toISOString()),
      Date.parse(Date()),
      capturedDateNow(),
    ];
    seen[host] = [...times.map((time) => time - epochMs), performance.now()];
  };
  await runClean(
    {
      off: () => void setTimeout(look, 1_000, 'off'),
      true: () => void setTimeout(look, 1_000, 'true'),
    },
    {
      at: {
        500: (world) => {
          world.host('off').wallClock.jump(3_600_000);
        },
      },
    },
  );

  expect(seen).toEqual({
    off: [3_601_000, 3_601_000, 3_601_000, 3_601_000, 1_000],
    true: [1_000, 1_000, 1_000, 1_000, 1_000],
  });
});
