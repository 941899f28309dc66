import { describe, expect, test, vi } from 'vitest';
import { Sweep } from '../../../src/liveness/sweep.ts';
import { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';
import { contextOf } from '../support/bench.ts';
import { clockBench } from '../support/clock.ts';

describe('background sweeps', () => {
  test('a sweep comes every sweepIntervalMs while there is a manager, and not without one', async () => {
    using made = clockBench({ sweepIntervalMs: 60_000 });
    await made.pass(200_000);
    expect(made.eventsNamed('sweepFinished')).toEqual([]);

    const { manager } = await made.connectClient('ada', 'tab-1');
    await made.pass(59_999);
    expect(made.eventsNamed('sweepFinished')).toEqual([]);
    await made.pass(1);
    expect(made.eventsNamed('sweepFinished')).toMatchObject([
      { managers: 0, messages: 0, accounts: 0 },
    ]);
    await made.pass(120_000);
    expect(made.eventsNamed('sweepFinished')).toHaveLength(3);
    void manager.close();
    await made.pass(600_000);

    expect(made.eventsNamed('sweepFinished')).toHaveLength(3);
    expect(made.registry.size).toBe(0);
  });

  test('a sweep says how long it took', async () => {
    using made = clockBench();
    await made.manager('ada', 'tab-1');
    await made.pass(10);

    expect(made.registry.sweep()).toEqual({ managers: 0, messages: 0, accounts: 0, durationMs: 0 });
  });

  test('a sweep removes managers that are due, should a timer be lost', async () => {
    using made = clockBench({ reconnectGraceMs: 30_000, birthGraceMs: 0 });
    const managers = [await made.manager('ada', 'tab-1'), await made.manager('bob', 'tab-1')];
    made.stall(30_000);

    expect(made.registry.sweep()).toMatchObject({ managers: 2 });

    expect(managers.map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  test('a sweep forgets users whose cooldowns are over', async () => {
    using made = clockBench({
      maxManagersPerUser: 1,
      emergencyCooldownMs: 70_000,
      sweepIntervalMs: 30_000,
    });
    const { manager } = await made.connectClient('ada', 'tab-1');
    await made.connectClient('bob', 'tab-1');
    const refused = made.manager('ada', 'late').catch((error) => error);
    await made.pass(10);
    expect(await refused).toMatchObject({ limit: 1 });
    void manager.close();
    await made.pass(10);

    await made.pass(120_000);

    expect(made.eventsNamed('sweepFinished').map(({ accounts }) => accounts)).toEqual([0, 0, 1, 0]);
  });

  test('a sweep keeps a user whose cooldown was prolonged until that is over', async () => {
    using made = clockBench({
      maxManagersPerUser: 1,
      emergencyCooldownMs: 40_000,
      proactiveCooldownMs: 40_000,
      sweepIntervalMs: 30_000,
    });
    await made.connectClient('bob', 'tab-1');
    const { manager } = await made.connectClient('ada', 'tab-1');
    const refused = made.manager('ada', 'late').catch((error) => error);
    await made.pass(10);
    await refused;
    void manager.close();
    await made.pass(25_000);

    await made.registry.cleanup('ada');
    await made.pass(25_000);
    expect(made.eventsNamed('sweepFinished').map(({ accounts }) => accounts)).toEqual([0]);
    await made.pass(60_000);

    expect(made.eventsNamed('sweepFinished').map(({ accounts }) => accounts)).toEqual([0, 0, 1]);
  });

  test('a part of a sweep that fails is reported, and the other parts run', async () => {
    using made = clockBench({
      sweepIntervalMs: 30_000,
      outboxMaxAgeMs: 10_000,
      reconnectGraceMs: 300_000,
    });
    const manager = await made.manager('ada', 'tab-1');
    manager.send('one');
    await made.pass(29_000);
    const { now } = performance;
    let calls = 0;
    const failing = vi.spyOn(performance, 'now').mockImplementation(() => {
      calls += 1;
      // The second look at the clock is that of the first part.
      if (calls === 2) throw new Error('no clock');
      return now.call(performance);
    });

    const report = made.registry.sweep();
    failing.mockRestore();

    expect(report).toMatchObject({ managers: 0, messages: 1, accounts: 0 });
    expect(made.eventsNamed('hookError')).toEqual([
      { hook: 'sweep', error: new Error('no clock') },
    ]);
    expect(made.registry.get(contextOf('ada', 'tab-1'))).toBe(manager);
  });
});

describe('starts and stops', () => {
  test('a sweep that is started twice runs once, and a stopped one does not run', async () => {
    using made = clockBench();
    const managers = vi.fn(() => 0);
    const nothing = (): number => 0;
    const dispatcher = new EventDispatcher(made.registry, undefined);
    const sweep = new Sweep(1_000, dispatcher, { managers, messages: nothing, accounts: nothing });
    sweep.start();
    sweep.start();
    await made.pass(1_000);
    expect(managers).toHaveBeenCalledOnce();
    sweep.stop();
    await made.pass(10_000);

    expect(managers).toHaveBeenCalledOnce();
  });
});
