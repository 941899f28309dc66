import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../../../src/index.ts';
import { type ClockBench, clockBench, type Tab } from '../support/clock.ts';

async function tabs(made: ClockBench, count: number, manners = {}): Promise<Tab[]> {
  const opened: Tab[] = [];
  for (let tab = 0; tab < count; tab += 1)
    opened.push(await made.connectClient(`user-${tab}`, 'tab', manners));
  return opened;
}

const toldAtMs = ({ socket }: Tab): number | undefined => socket.closed[0]?.atMs;

describe('shutdowns', () => {
  test('a shutdown tells each client with 1001 a time of its own to come back', async () => {
    using made = clockBench({ drainRetryMaxMs: 10_000 });
    const opened = await tabs(made, 20);
    await made.manager('ada', 'empty');

    const report = made.registry.shutdown({ drainMs: 5_000 });
    await made.pass(1);

    expect(await report).toEqual({ managers: 21, connections: 20, terminated: 0, durationMs: 1 });
    const waits = opened.map(({ socket }) => {
      expect(socket.closed[0]?.code).toBe(1001);
      return Number(/^restart; retry after (\d+) ms$/.exec(socket.closed[0]?.text ?? '')?.[1]);
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
    expect(new Set(waits).size).toBeGreaterThan(15);
    expect(made.registry.size).toBe(0);
    expect(made.eventsNamed('shutdownStarted')).toEqual([
      { managers: 21, connections: 20, drainMs: 5_000 },
    ]);
    expect(made.eventsNamed('shutdownFinished')).toEqual([await report]);
    expect(made.eventsNamed('managerRemoved').every(({ reason }) => reason === 'shutdown')).toBe(
      true,
    );
    expect(made.eventsNamed('connectionClosed').every(({ cause }) => cause === 'manager')).toBe(
      true,
    );
  });

  test('a shutdown tells a batch at a time, the empty managers first', async () => {
    using made = clockBench();
    const opened = await tabs(made, 5);
    const empty = await made.manager('zoe', 'empty');

    const report = made.registry.shutdown({ drainMs: 10_000, batchSize: 2, batchIntervalMs: 100 });
    expect(empty.state).toBe('closed');
    await made.pass(1_000);

    expect(opened.map(toldAtMs)).toEqual([0, 0, 100, 100, 200]);
    expect(await report).toMatchObject({ durationMs: 201 });
  });

  test('a shutdown never splits the connections of a manager, however many they are', async () => {
    using made = clockBench();
    const [first] = await tabs(made, 2);
    for (let more = 0; more < 4; more += 1) await made.connectClient('user-0', 'tab');

    const report = made.registry.shutdown({ drainMs: 10_000, batchSize: 3, batchIntervalMs: 100 });
    await made.pass(1_000);
    await report;

    expect(made.eventsNamed('managerRemoved').map(({ ageMs }) => ageMs)).toEqual([1, 101]);
    expect(first?.manager.state).toBe('closed');
  });

  test('a shutdown tells all clients in half of its time, however small its batches are', async () => {
    using made = clockBench();
    const opened = await tabs(made, 40, { closes: false });

    const report = made.registry.shutdown({ drainMs: 2_000, batchSize: 1, batchIntervalMs: 100 });
    await made.pass(2_000);

    expect(Math.max(...opened.map((tab) => toldAtMs(tab) ?? Number.NaN))).toBe(900);
    expect(opened.filter((tab) => toldAtMs(tab) === 0)).toHaveLength(4);
    expect(await report).toMatchObject({ terminated: 40 });
  });

  test('a shutdown terminates a client that does not leave, in time for its deadline', async () => {
    using made = clockBench();
    const [mute] = await tabs(made, 1, { closes: false });
    const report = made.registry.shutdown({ drainMs: 30_000 });
    // It answers, and keeps the connection.
    mute?.socket._receiver.emit('finish');

    await made.pass(28_999);
    expect(mute?.socket.terminatedAtMs).toBeUndefined();
    await made.pass(2);

    expect(mute?.socket.terminatedAtMs).toBe(29_000);
    expect(await report).toMatchObject({ terminated: 1, durationMs: 29_001 });
  });

  test('a shutdown is over by its deadline also when a socket cannot be destroyed', async () => {
    using made = clockBench();
    await tabs(made, 1, { closes: false, dies: false });
    let finishedAtMs: number | undefined;
    void made.registry.shutdown({ drainMs: 3_000 }).then(() => {
      finishedAtMs = performance.now();
    });

    await made.pass(3_000);

    expect(finishedAtMs).toBeGreaterThanOrEqual(2_990);
    expect(finishedAtMs).toBeLessThanOrEqual(3_000);
  });

  test('a shutdown of 0 ms terminates at once', async () => {
    using made = clockBench();
    const [tab] = await tabs(made, 1);

    const report = made.registry.shutdown({ drainMs: 0 });
    expect(tab?.socket.terminatedAtMs).toBe(0);
    await made.pass(1);

    expect(await report).toMatchObject({ terminated: 1, durationMs: 1 });
    expect(tab?.socket.closed).toEqual([]);
  });

  test('a shutdown of 0 ms gives a socket a moment to be destroyed, and no more', async () => {
    using made = clockBench();
    await tabs(made, 1, { dies: false });

    const report = made.registry.shutdown({ drainMs: 0 });
    await made.pass(19);
    expect(made.registry.size).toBe(1);
    await made.pass(1);

    expect(await report).toMatchObject({ durationMs: 20 });
  });

  test('a second shutdown hastens the first, and never postpones it', async () => {
    using made = clockBench();
    const [mute, late] = await tabs(made, 2, { closes: false });
    const report = made.registry.shutdown({
      drainMs: 30_000,
      batchSize: 1,
      batchIntervalMs: 5_000,
    });
    await made.pass(1_000);
    expect(late && toldAtMs(late)).toBeUndefined();

    const again = made.registry.shutdown({ drainMs: 2_000 });
    expect(again).toBe(report);
    expect(late && toldAtMs(late)).toBe(1_000);
    void made.registry.shutdown({ drainMs: 60_000 });
    await made.pass(2_000);

    expect(mute?.socket.terminatedAtMs).toBe(2_800);
    expect(late?.socket.terminatedAtMs).toBe(2_800);
    expect(await report).toMatchObject({ terminated: 2, durationMs: 1_801 + 1_000 });
  });

  test('a shutdown without arguments has the drainMs of the registry', async () => {
    using made = clockBench({ drainMs: 4_000, drainBatchSize: 1, drainBatchIntervalMs: 300 });
    const opened = await tabs(made, 2);

    const report = made.registry.shutdown();
    await made.pass(400);
    await report;

    expect(opened.map(toldAtMs)).toEqual([0, 300]);
    expect(made.eventsNamed('shutdownStarted')).toMatchObject([{ drainMs: 4_000 }]);
  });

  test('a shutdown of an empty registry is over at once', async () => {
    using made = clockBench();

    expect(await made.registry.shutdown()).toEqual({
      managers: 0,
      connections: 0,
      terminated: 0,
      durationMs: 0,
    });
  });

  test.each([
    [{ drainMs: -1 }, 'drainMs'],
    [{ batchSize: 0 }, 'batchSize'],
    [{ batchIntervalMs: 0 }, 'batchIntervalMs'],
    [{ drainMS: 1 } as object, 'drainMS'],
    [null as unknown as object, 'shutdown options'],
  ])('a shutdown with %j is refused, and nothing is shut down', async (options, option) => {
    using made = clockBench();

    await expect(made.registry.shutdown(options)).rejects.toMatchObject({
      name: InvalidOptionError.name,
      option,
    });

    expect(await made.manager('ada', 'tab-1')).toMatchObject({ state: 'open' });
    expect(made.eventsNamed('shutdownStarted')).toEqual([]);
  });

  test('a shutdown takes no connection for a manager that was not told yet', async () => {
    using made = clockBench();
    const opened = await tabs(made, 2, { closes: false });
    void made.registry.shutdown({ batchSize: 1 });
    const waiting = opened.find(({ manager }) => manager.state === 'open');

    expect(() => waiting?.manager.connect(waiting.socket as never)).toThrow(
      expect.objectContaining({ code: 'ERR_LEAKTIGHT_REGISTRY_CLOSED' }),
    );
  });
});
