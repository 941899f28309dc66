import { describe, expect, test } from 'vitest';
import { ManagerClosedError } from '../../../src/index.ts';
import { clockBench, connect, type Tab } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

describe('managers without a first connection', () => {
  test.each([
    ['reconnectGraceMs', { birthGraceMs: 10_000, reconnectGraceMs: 30_000 }, 30_000],
    [
      'birthGraceMs, when that is longer',
      { birthGraceMs: 40_000, reconnectGraceMs: 30_000 },
      40_000,
    ],
  ])('a manager that never had a connection goes after %s', async (_what, options, graceMs) => {
    using made = clockBench(options);
    await made.pass(7_000);
    const manager = await made.manager('ada', 'tab-1');

    await made.pass(graceMs - 1);
    expect(manager.state).toBe('open');
    await made.pass(1);

    expect(manager.state).toBe('closed');
    expect(made.registry.size).toBe(0);
    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'idle', ageMs: graceMs }]);
  });

  test('a manager without a connection stays a birthGraceMs from its last acquire', async () => {
    using made = clockBench({ birthGraceMs: 10_000, reconnectGraceMs: 30_000 });
    const manager = await made.manager('ada', 'tab-1');
    await made.pass(29_000);

    expect(await made.manager('ada', 'tab-1')).toBe(manager);
    await made.pass(9_999);
    expect(manager.state).toBe('open');
    await made.pass(1);

    expect(manager.state).toBe('closed');
  });

  test('a manager without a connection stays for a moment, without any grace', async () => {
    using made = clockBench({ birthGraceMs: 0, reconnectGraceMs: 0 });
    const manager = await made.manager('ada', 'tab-1');

    await made.pass(9);
    expect(manager.state).toBe('open');
    await made.pass(2);

    expect(manager.state).toBe('closed');
  });

  test('a manager without a connection goes at once when it is released', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');

    expect(await made.registry.release(manager)).toBe(true);

    expect(manager.state).toBe('closed');
    expect(await made.registry.release(manager)).toBe(false);
    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'released' }]);
    expect(() => connect(manager, new FakeSocket())).toThrow(
      expect.objectContaining({
        name: ManagerClosedError.name,
        code: 'ERR_LEAKTIGHT_MANAGER_CLOSED',
        message: expect.stringContaining('it is closed'),
      }),
    );
  });
});

describe('managers whose last connection is gone', () => {
  test('a manager goes reconnectGraceMs after its last connection, and says when', async () => {
    using made = clockBench({ birthGraceMs: 50_000, reconnectGraceMs: 30_000 });
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    await made.pass(100_000);
    socket.gone(1001, '');
    expect(made.eventsNamed('managerIdle')).toMatchObject([
      { manager, graceMs: 30_000, userId: 'ada' },
    ]);

    await made.pass(29_999);
    expect(manager.state).toBe('open');
    await made.pass(1);

    expect(manager.state).toBe('closed');
    expect(made.eventsNamed('managerIdle')).toHaveLength(1);
  });

  test('a manager that gets a connection within the grace stays as long as that', async () => {
    using made = clockBench();
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    socket.gone(1001, '');
    await made.pass(29_999);

    const next = await made.connectClient('ada', 'tab-1');
    expect(next.manager).toBe(manager);
    await made.pass(300_000);
    expect(manager.state).toBe('open');
    next.socket.gone(1001, '');
    await made.pass(30_000);

    expect(manager.state).toBe('closed');
    expect(made.eventsNamed('managerIdle')).toHaveLength(2);
  });

  test('a manager that is acquired a moment before its end stays', async () => {
    using made = clockBench({ birthGraceMs: 10_000 });
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    await made.pass(20_000);
    socket.gone(1001, '');
    await made.pass(29_990);
    expect(await made.manager('ada', 'tab-1')).toBe(manager);

    await made.pass(9_999);
    expect(manager.state).toBe('open');
    await made.pass(1);

    expect(manager.state).toBe('closed');
  });

  test('a manager without a grace goes with its last connection', async () => {
    using made = clockBench({ birthGraceMs: 0, reconnectGraceMs: 0 });
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    await made.pass(100);

    socket.gone(1001, '');

    expect(manager.state).toBe('closed');
    expect(made.eventsNamed('managerIdle')).toMatchObject([{ graceMs: 0 }]);
  });

  test('a manager stays with its other connections', async () => {
    using made = clockBench();
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    connect(manager, new FakeSocket());

    socket.gone(1001, '');
    await made.pass(100_000);

    expect(manager.state).toBe('open');
    expect(made.eventsNamed('managerIdle')).toEqual([]);
    expect(await made.registry.release(manager)).toBe(false);
  });
});

test('managers go each in its time, whatever the order they came in', async () => {
  using made = clockBench({ birthGraceMs: 0, reconnectGraceMs: 30_000 });
  const tabs: Tab[] = [];
  for (let tab = 0; tab < 12; tab += 1) tabs.push(await made.connectClient('ada', `tab-${tab}`));
  const leaves = [7, 3, 11, 0, 5, 9, 1, 10, 2, 8, 4, 6];
  const goneAtMs = new Map<number, number>();
  made.registry.on('managerRemoved', ({ manager }) => {
    goneAtMs.set(
      tabs.findIndex((each) => each.manager === manager),
      performance.now(),
    );
  });

  for (const [turn, index] of leaves.entries()) {
    await made.pass(100);
    expect(performance.now()).toBe((turn + 1) * 100);
    tabs[index]?.socket.gone(1001, '');
  }
  // Those in the middle are wanted again, and go later.
  const back = await made.connectClient('ada', 'tab-5');
  await made.pass(31_000);

  for (const [turn, index] of leaves.entries()) {
    expect(goneAtMs.get(index)).toBe(index === 5 ? undefined : (turn + 1) * 100 + 30_000);
  }
  expect(back.manager.state).toBe('open');
});
