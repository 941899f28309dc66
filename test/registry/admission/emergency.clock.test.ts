import { describe, expect, test } from 'vitest';
import { clockBench } from '../support/clock.ts';

/** When it was settled and how; undefined while it is not. */
function outcomeOf(promise: Promise<unknown>): { atMs?: number; how?: 'given' | 'refused' } {
  const outcome: { atMs?: number; how?: 'given' | 'refused' } = {};
  const settle = (how: 'given' | 'refused') => () => {
    Object.assign(outcome, { atMs: performance.now(), how });
  };
  promise.then(settle('given'), settle('refused'));
  return outcome;
}

describe('the emergency cleanup', () => {
  test('an emergency cleanup gives mute peers probeTimeoutMs for the handshake, or closeTimeoutMs if that is shorter', async () => {
    for (const [closeTimeoutMs, expected] of [
      [5_000, 2_000],
      [500, 500],
    ] as const) {
      using made = clockBench({ maxManagersPerUser: 1, probeTimeoutMs: 2_000, closeTimeoutMs });
      await made.pass(60_000);
      const { socket } = await made.connectClient('ada', 'mute', { pongs: false, closes: false });
      await made.pass(20_000);

      const late = outcomeOf(made.manager('ada', 'late'));
      await made.pass(10_000);

      expect(late.how).toBe('given');
      expect(socket.terminatedAtMs).toBe((socket.closed[0]?.atMs ?? Number.NaN) + expected);
    }
  });

  test('an emergency cleanup terminates mute peers in time for its deadline, whenever it began', async () => {
    using made = clockBench({ maxManagersPerUser: 1, emergencyDeadlineMs: 3_000 });
    await made.pass(60_000);
    const { socket } = await made.connectClient('ada', 'mute', { pongs: false, closes: false });
    await made.pass(20_000);

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(3_000);

    expect(socket.closed[0]?.atMs).toBeLessThan(80_000 + 1_400);
    expect(socket.terminatedAtMs).toBe(80_000 + 2_700);
    expect(late.how).toBe('given');
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([{ durationMs: 2_701, removed: 1 }]);
  });

  test('an emergency cleanup that a shutdown interrupts takes no time of the drain', async () => {
    using made = clockBench({ maxManagersPerUser: 1 });
    const { socket } = await made.connectClient('ada', 'mute', { pongs: false, closes: false });
    outcomeOf(made.manager('ada', 'late'));
    await made.pass(10);
    const report = made.registry.shutdown({ drainMs: 30_000 });
    await made.pass(30_000);

    expect(socket.closed).toMatchObject([{ code: 1001, atMs: 10 }]);
    expect(socket.terminatedAtMs).toBe(10 + 29_000);
    expect(await report).toMatchObject({ terminated: 1 });
  });

  test('an acquire within the emergency cooldown removes an empty manager and probes no peer', async () => {
    using made = clockBench({ maxManagersPerUser: 2, reconnectGraceMs: 600_000 });
    const lively = await made.connectClient('ada', 'lively');
    const other = await made.connectClient('ada', 'other');
    const refused = outcomeOf(made.manager('ada', 'refused'));
    await made.pass(10);
    expect(refused.how).toBe('refused');
    other.socket.gone(1001, '');
    expect(lively.socket.pingedAtMs).toHaveLength(1);

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(0);

    expect(late.how).toBe('given');
    expect(lively.socket.pingedAtMs).toHaveLength(1);
    expect(made.eventsNamed('managerRemoved')).toMatchObject([
      { manager: other.manager, reason: 'emergency' },
    ]);
  });
});
