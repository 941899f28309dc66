import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { IdleLifetime } from '../../../src/liveness/idle-lifetime.ts';
import { ScheduledRemovals } from '../../../src/liveness/scheduled-removals.ts';
import type { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';

describe('scheduled removals', () => {
  function made() {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const dispatcher = { run: (call: () => void) => call() } as unknown as EventDispatcher;
    const removals = new ScheduledRemovals(dispatcher);
    const beganAtMs = performance.now();
    const wentAtMs: number[] = [];
    const expire = () => wentAtMs.push(performance.now() - beganAtMs);
    const due = (afterMs: number) =>
      removals.schedule({ expire } as unknown as IdleLifetime, beganAtMs + afterMs);
    return { wentAtMs, due };
  }

  test('scheduled removals leave no timer when the last is over', async () => {
    const { due, wentAtMs } = made();
    due(100);

    await vi.advanceTimersByTimeAsync(100);

    expect(wentAtMs).toEqual([100]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('scheduled removals that are due close together go together, and a single one goes on time', async () => {
    const { due, wentAtMs } = made();
    for (const afterMs of [100, 101, 110, 119, 120, 121, 200, 300]) due(afterMs);

    await vi.advanceTimersByTimeAsync(1_000);

    expect(wentAtMs).toEqual([100, 120, 120, 120, 120, 140, 200, 300]);
  });
});
