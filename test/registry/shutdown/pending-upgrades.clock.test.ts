/** A shutdown and upgrades that are pending: they are refused, and ended in time. */
import { describe, expect, test } from 'vitest';
import { kCore } from '../../../src/internal/symbols.ts';
import { type ClockBench, clockBench } from '../support/clock.ts';

/** An upgrade that is over at this moment, or never. */
function pendingUpgrade({ registry }: ClockBench, leavesAtMs = Number.POSITIVE_INFINITY) {
  const seen = { clearedAtMs: [] as number[], destroyedAtMs: [] as number[] };
  registry[kCore].upgradeSources.add({
    clear: () => {
      seen.clearedAtMs.push(performance.now());
      if (performance.now() >= leavesAtMs) return Promise.resolve();
      return new Promise((resolve) => {
        if (leavesAtMs < Number.POSITIVE_INFINITY)
          setTimeout(resolve, leavesAtMs - performance.now());
      });
    },
    destroy: () => void seen.destroyedAtMs.push(performance.now()),
  });
  return seen;
}

function settledAtMs(promise: Promise<unknown>): { atMs?: number } {
  const settled: { atMs?: number } = {};
  void promise.then(() => {
    settled.atMs = performance.now();
  });
  return settled;
}

describe('shutdowns with a pending upgrade', () => {
  test('a shutdown refuses a pending upgrade at once, waits until it is over, and looks once more', async () => {
    using made = clockBench();
    const seen = pendingUpgrade(made, 700);
    await made.pass(200);

    const settled = settledAtMs(made.registry.shutdown({ drainMs: 3_000 }));
    expect(seen.clearedAtMs).toEqual([200]);
    await made.pass(499);
    expect(settled.atMs).toBeUndefined();
    await made.pass(2);

    expect(settled.atMs).toBe(700);
    expect(seen).toEqual({ clearedAtMs: [200, 700], destroyedAtMs: [] });
    expect(made.eventsNamed('shutdownFinished')).toMatchObject([{ durationMs: 500 }]);
  });

  test('a shutdown ends a pending upgrade in time for its deadline, and waits no longer than that', async () => {
    using made = clockBench();
    const seen = pendingUpgrade(made);
    await made.pass(1_000);

    const settled = settledAtMs(made.registry.shutdown({ drainMs: 3_000 }));
    await made.pass(2_699);
    expect(seen.destroyedAtMs).toEqual([]);
    await made.pass(1);
    expect(seen.destroyedAtMs).toEqual([3_700]);
    await made.pass(299);
    expect(settled.atMs).toBeUndefined();
    await made.pass(1);

    expect(settled.atMs).toBe(4_000);
  });

  test('a shutdown of 0 ms ends a pending upgrade before it returns', async () => {
    using made = clockBench();
    const seen = pendingUpgrade(made);

    const settled = settledAtMs(made.registry.shutdown({ drainMs: 0 }));
    expect(seen.destroyedAtMs).toEqual([0]);
    await made.pass(20);

    expect(settled.atMs).toBe(20);
  });

  test('a hastened shutdown ends a pending upgrade sooner', async () => {
    using made = clockBench();
    const seen = pendingUpgrade(made);
    const settled = settledAtMs(made.registry.shutdown({ drainMs: 30_000 }));
    await made.pass(1_000);
    void made.registry.shutdown({ drainMs: 2_000 });
    await made.pass(1_999);
    expect(seen.destroyedAtMs).toEqual([2_800]);
    expect(settled.atMs).toBeUndefined();
    await made.pass(1);

    expect(settled.atMs).toBe(3_000);
  });

  test('a hastened shutdown ends no upgrade that is over', async () => {
    using made = clockBench();
    const seen = pendingUpgrade(made, 10);
    await made.connectClient('ada', 'mute', { closes: false });
    const settled = settledAtMs(made.registry.shutdown({ drainMs: 30_000 }));
    await made.pass(1_000);
    void made.registry.shutdown({ drainMs: 2_000 });
    await made.pass(2_000);

    expect(seen.destroyedAtMs).toEqual([]);
    expect(settled.atMs).toBe(2_801);
  });

  test('a shutdown that an upgrade delays refuses acquires until its end', async () => {
    using made = clockBench();
    pendingUpgrade(made);
    expect(made.registry[kCore].isClosed).toBe(false);

    void made.registry.shutdown();

    expect(made.registry[kCore].isClosed).toBe(true);
    await expect(made.manager('ada', 'late')).rejects.toMatchObject({
      code: 'ERR_LEAKTIGHT_REGISTRY_CLOSED',
    });
  });
});

describe('second shutdowns', () => {
  test.each([60_000, 29_000])(
    'a second shutdown with %i ms, which ends no sooner, hastens no client',
    async (drainMs) => {
      using made = clockBench();
      await made.connectClient('ada', 'tab', { closes: false });
      const late = await made.connectClient('bob', 'tab', { closes: false });
      void made.registry.shutdown({ drainMs: 30_000, batchSize: 1, batchIntervalMs: 5_000 });
      await made.pass(1_000);

      void made.registry.shutdown({ drainMs });
      await made.pass(3_999);
      expect(late.socket.closed).toEqual([]);
      await made.pass(1);

      expect(late.socket.closed).toMatchObject([{ atMs: 5_000 }]);
    },
  );
});

test('a shutdown tells clients to come back after 1 ms when drainRetryMaxMs is 1', async () => {
  using made = clockBench({ drainRetryMaxMs: 1 });
  const { socket } = await made.connectClient('ada', 'tab-1');

  void made.registry.shutdown();

  expect(socket.closed).toMatchObject([{ code: 1001, text: 'restart; retry after 1 ms' }]);
});

test('a registry that is disposed of is shut down', async () => {
  using made = clockBench();
  const { socket } = await made.connectClient('ada', 'tab-1');

  const disposed = made.registry[Symbol.asyncDispose]();
  await made.pass(1);
  await disposed;

  expect(socket.closed).toMatchObject([{ code: 1001 }]);
  expect(made.eventsNamed('shutdownFinished')).toHaveLength(1);
  expect(made.registry.size).toBe(0);
});
