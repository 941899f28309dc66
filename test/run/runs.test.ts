/** Runs in one process know nothing of each other: same scenario, same outcome, whatever ran before and however. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { mixedHosts, mixedOptions } from './mixed.ts';
import { run, runClean, traced } from './support.ts';

const execute = promisify(execFile);

test('a scenario with everything in it gives the same outcome and the same trace twice', async () => {
  const first = await traced(mixedHosts(), mixedOptions(5));
  const again = await traced(mixedHosts(), mixedOptions(5));

  expect(first.outcome.connections).toBeGreaterThan(10);
  expect(Object.keys(first.outcome.faults).length).toBeGreaterThan(3);
  expect(again).toEqual(first);
});

test('the outcome does not depend on a hundred runs before it', async () => {
  const first = await runClean(mixedHosts(), mixedOptions(7));
  for (let seed = 100; seed < 200; seed++) await runClean(mixedHosts(), mixedOptions(seed));

  expect(await runClean(mixedHosts(), mixedOptions(7))).toEqual(first);
});

test('other seeds give other digests', async () => {
  const digests = new Set<string>();
  for (let seed = 0; seed < 10; seed++) {
    digests.add((await runClean(mixedHosts(), mixedOptions(seed))).digest);
  }

  expect(digests.size).toBe(10);
});

test('draining by turns of the event loop gives the same outcome as draining at once', async () => {
  for (const seed of [1, 2, 3]) {
    const atOnce = await runClean(mixedHosts(), { ...mixedOptions(seed), drain: 'at-once' });
    const byTurn = await runClean(mixedHosts(), { ...mixedOptions(seed), drain: 'by-turn' });

    expect(byTurn).toEqual(atOnce);
  }
});

test('one watchdog for many runs gives the same outcomes as one for each', async () => {
  for (const seed of [1, 2, 3]) {
    const own = await runClean(mixedHosts(), { ...mixedOptions(seed), watchdog: 'each-run' });
    const shared = await runClean(mixedHosts(), { ...mixedOptions(seed), watchdog: 'shared' });

    expect(shared).toEqual(own);
  }
});

test('who listens to the trace does not change the outcome', async () => {
  const { outcome } = await traced(mixedHosts(), mixedOptions(3));

  expect(await runClean(mixedHosts(), mixedOptions(3))).toEqual(outcome);
});

test('another process gives the same digest', async () => {
  const here = await runClean(mixedHosts(), mixedOptions(11));

  const args = ['--import', 'tsx', 'test/run/mixed-digest.ts', '11'];
  const { stdout } = await execute(process.execPath, args);

  expect(stdout.trim()).toBe(here.digest);
});

test('a run that crashed leaves nothing behind for the next one', async () => {
  const first = await runClean(mixedHosts(), mixedOptions(13));
  const crash = () => {
    setTimeout(() => {
      throw new Error('crash');
    }, 5_000);
  };

  const crashed = await run({ ...mixedHosts(), crash }, mixedOptions(13));

  expect(crashed.verdict).toBe('crashed');
  expect(await runClean(mixedHosts(), mixedOptions(13))).toEqual(first);
});

test('memory stays flat over two thousand runs with kills and losses of power, and nothing real is left', async () => {
  const args = ['--expose-gc', '--import', 'tsx', 'test/run/mixed-memory.ts'];
  const { stdout } = await execute(process.execPath, args);
  const { heapBytes, resources } = JSON.parse(stdout) as {
    heapBytes: number[];
    resources: string[];
  };

  // Least squares over ten readings, each after 200 runs and a full collection. One world that stays is 40,000 bytes.
  const middle = (heapBytes.length - 1) / 2;
  const mean = heapBytes.reduce((sum, bytes) => sum + bytes, 0) / heapBytes.length;
  const slope =
    heapBytes.reduce((sum, bytes, at) => sum + (at - middle) * (bytes - mean), 0) /
    heapBytes.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  expect(heapBytes).toHaveLength(10);
  expect(slope / 200, 'bytes a run').toBeLessThan(1_000);
  expect(resources).toEqual([]);
});
