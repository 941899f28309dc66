import { describe, expect, test } from 'vitest';
import { ManagerLimitError, RegistryClosedError } from '../../../src/index.ts';
import { contextOf } from '../support.ts';
import { type Exact, exact } from './support.ts';

async function fill(made: Exact, count: number, manners = {}): Promise<void> {
  for (let tab = 0; tab < count; tab += 1) await made.tab('ada', `tab-${tab}`, manners);
}

/** How a call ends, however it does. */
const settled = (call: Promise<unknown>): Promise<unknown> => call.catch((error) => error);

describe('at the limit of a user', () => {
  test('somebody is refused when everybody answers, with all that there is to say', async () => {
    using made = exact({ maxManagersPerUser: 2, emergencyCooldownMs: 5_000 });
    await made.tab('bob', 'tab-1');
    await fill(made, 2);
    const late = contextOf('ada', 'late');

    const refused = settled(made.registry.acquire(late));
    await made.pass(10);

    expect(await refused).toBeInstanceOf(ManagerLimitError);
    expect(await refused).toMatchObject({
      code: 'ERR_LEAKTIGHT_MANAGER_LIMIT',
      userId: 'ada',
      count: 2,
      limit: 2,
      removed: 0,
      retryAfterMs: 5_000,
      message: 'User ada already holds 2 of 2 managers, retry after 5000 ms',
    });
    expect(made.told('limitReached')).toEqual([
      {
        scope: 'user',
        userId: 'ada',
        threadId: late.threadId,
        isolationKey: late.isolationKey,
        count: 2,
        limit: 2,
        removed: 0,
        retryAfterMs: 5_000,
      },
    ]);
    expect(made.told('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'full', startedCount: 2, count: 2, probed: 2, removed: 0 },
    ]);
  });

  test('the cooldown of the emergency counts down, and ends', async () => {
    using made = exact({ maxManagersPerUser: 1, emergencyCooldownMs: 5_000 });
    await fill(made, 1);
    const first = settled(made.manager('ada', 'late'));
    await made.pass(10);
    await first;

    const again = settled(made.manager('ada', 'late'));
    expect(await again).toMatchObject({ retryAfterMs: 4_991, removed: 0 });
    await made.pass(4_990);
    expect(await settled(made.manager('ada', 'late'))).toMatchObject({ retryAfterMs: 1 });
    expect(made.told('cleanupStarted')).toHaveLength(1);
    await made.pass(1);
    const anew = settled(made.manager('ada', 'late'));
    await made.pass(10);

    expect(await anew).toBeInstanceOf(ManagerLimitError);
    expect(made.told('cleanupStarted')).toMatchObject([
      { kind: 'emergency', userId: 'ada', count: 1, limit: 1 },
      { kind: 'emergency' },
    ]);
  });

  test('mute peers are put out within probeTimeoutMs, and who waits is let in', async () => {
    using made = exact({ maxManagersPerUser: 3, proactiveThreshold: 1, probeTimeoutMs: 2_000 });
    await fill(made, 3, { pongs: false });
    const waiting = made.manager('ada', 'late');
    let manager: unknown;
    void waiting.then((found) => {
      manager = found;
    });

    await made.pass(1_999);
    expect(manager).toBeUndefined();
    await made.pass(10);

    expect(manager).toMatchObject({ state: 'open' });
    expect(made.told('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'room', startedCount: 3, probed: 3, removed: 3, count: 1 },
    ]);
    expect(made.told('managerRemoved').map(({ reason }) => reason)).toEqual(
      Array(3).fill('emergency'),
    );
    expect(made.told('connectionClosed')).toMatchObject(
      Array(3).fill({ code: 4408, cause: 'manager', reason: 'unresponsive' }),
    );
  });

  test('peers that do not even close are gone by the deadline', async () => {
    using made = exact({
      maxManagersPerUser: 2,
      emergencyDeadlineMs: 3_000,
      probeTimeoutMs: 2_000,
      closeTimeoutMs: 60_000,
    });
    await fill(made, 2, { pongs: false, closes: false, dies: false });
    const waiting = made.manager('ada', 'late');
    let settledAtMs: number | undefined;
    void waiting.then(() => {
      settledAtMs = performance.now();
    });

    await made.pass(3_000);

    expect(settledAtMs).toBeGreaterThan(2_600);
    expect(settledAtMs).toBeLessThanOrEqual(3_000);
  });

  test('who waits together is served in the order they came', async () => {
    using made = exact({ maxManagersPerUser: 3, proactiveThreshold: 1 });
    await made.tab('ada', 'mute', { pongs: false });
    await fill(made, 2);

    const calls = ['first', 'second', 'third'].map((client) =>
      settled(made.manager('ada', client)),
    );
    await made.pass(2_010);
    const results = await Promise.all(calls);

    expect(results[0]).toMatchObject({ state: 'open' });
    expect(results[1]).toMatchObject({ removed: 1, count: 3 });
    expect(results[2]).toMatchObject({ removed: 1, count: 3 });
    expect(made.told('cleanupStarted')).toHaveLength(1);
    expect(made.told('limitReached')).toHaveLength(2);
  });

  test('everybody who wants the same thread gets the same manager', async () => {
    using made = exact({ maxManagersPerUser: 1 });
    await fill(made, 1, { pongs: false });

    const calls = [1, 2, 3].map(() => made.manager('ada', 'late'));
    await made.pass(2_010);

    expect(new Set(await Promise.all(calls)).size).toBe(1);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('a thousand may wait, and the next is refused at once', async () => {
    using made = exact({ maxManagersPerUser: 1 });
    await fill(made, 1, { pongs: false });
    const calls = [];
    for (let call = 0; call < 1_000; call += 1)
      calls.push(settled(made.manager('ada', `c-${call}`)));

    expect(await settled(made.manager('ada', 'one-more'))).toMatchObject({
      code: 'ERR_LEAKTIGHT_MANAGER_LIMIT',
      retryAfterMs: 0,
    });
    await made.pass(2_010);

    const results = await Promise.all(calls);
    expect(results[0]).toMatchObject({ state: 'open' });
    expect(results.slice(1).every((result) => result instanceof ManagerLimitError)).toBe(true);
  });

  test('an empty manager makes room, the oldest first, also within the cooldown', async () => {
    using made = exact({ maxManagersPerUser: 3, birthGraceMs: 100, reconnectGraceMs: 600_000 });
    await fill(made, 1);
    const second = await made.manager('ada', 'second');
    await made.pass(10);
    const third = await made.manager('ada', 'third');
    await made.pass(200);

    const fourth = made.manager('ada', 'fourth');
    await made.pass(10);
    expect(await fourth).toMatchObject({ state: 'open' });
    expect(second.state).toBe('closed');
    expect(third.state).toBe('open');
    await made.pass(200);
    const fifth = await made.manager('ada', 'fifth');

    expect(fifth.state).toBe('open');
    expect(third.state).toBe('closed');
    expect(made.told('cleanupStarted').filter(({ kind }) => kind === 'emergency')).toHaveLength(1);
    expect(made.told('cleanupFinished').filter(({ kind }) => kind === 'emergency')).toMatchObject([
      { removed: 1, probed: 1, outcome: 'room' },
    ]);
  });

  test('a newborn that waits for its connection makes no room', async () => {
    using made = exact({ maxManagersPerUser: 2, birthGraceMs: 10_000 });
    const managers = [await made.manager('ada', 'one'), await made.manager('ada', 'two')];

    const refused = settled(made.manager('ada', 'late'));
    await made.pass(10);

    expect(await refused).toBeInstanceOf(ManagerLimitError);
    expect(managers.map(({ state }) => state)).toEqual(['open', 'open']);
  });

  test('who leaves of his own accord makes room for whoever waits', async () => {
    using made = exact({ maxManagersPerUser: 1, probeTimeoutMs: 2_000 });
    const { manager } = await made.tab('ada', 'tab-1', { pongs: false });
    const waiting = made.manager('ada', 'late');
    await made.pass(500);

    void manager.close();
    await made.pass(1);

    expect(await waiting).toMatchObject({ state: 'open' });
    await made.pass(5_000);
    expect(made.told('limitReached')).toEqual([]);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('a peer that pauses cannot be asked, and stays', async () => {
    using made = exact({ maxManagersPerUser: 1 });
    const { socket, manager } = await made.tab('ada', 'tab-1', { pongs: false });
    socket.isPaused = true;

    const refused = settled(made.manager('ada', 'late'));
    await made.pass(2_010);

    expect(await refused).toBeInstanceOf(ManagerLimitError);
    expect(socket.pingedAtMs).toEqual([]);
    expect(manager.state).toBe('open');
  });

  test('one that is closing already makes room, and no empty one goes for it', async () => {
    using made = exact({
      maxManagersPerUser: 3,
      proactiveThreshold: 1,
      birthGraceMs: 0,
      reconnectGraceMs: 600_000,
      closeTimeoutMs: 60_000,
    });
    const { manager, socket } = await made.tab('ada', 'leaving', { closes: false });
    const empty = [await made.manager('ada', 'one'), await made.manager('ada', 'two')];
    await made.pass(100);
    void manager.close();

    const late = made.manager('ada', 'late');
    await made.pass(9_002);

    expect(await late).toMatchObject({ state: 'open' });
    expect(socket.terminatedAtMs).toBe(9_100);
    expect(empty.map(({ state }) => state)).toEqual(['open', 'open']);
    expect(made.told('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'room', removed: 0, probed: 0, durationMs: 9_001 },
    ]);
  });

  test('but an empty one goes when the key of the closing one is wanted again', async () => {
    using made = exact({
      maxManagersPerUser: 2,
      proactiveThreshold: 1,
      birthGraceMs: 0,
      reconnectGraceMs: 600_000,
    });
    const { manager } = await made.tab('ada', 'leaving', { closes: false });
    const empty = await made.manager('ada', 'empty');
    await made.pass(100);
    void manager.close();
    const successor = made.manager('ada', 'leaving');

    const late = made.manager('ada', 'late');
    await made.pass(10);
    expect(empty.state).toBe('closed');
    expect(made.told('managerRemoved')).toMatchObject([{ reason: 'emergency' }]);
    expect(await late).toMatchObject({ state: 'open' });
    await made.pass(10_000);

    expect(await successor).toMatchObject({ state: 'open' });
    expect(made.registry.count('ada')).toBe(2);
  });

  test('an emergency is interrupted by a shutdown', async () => {
    using made = exact({ maxManagersPerUser: 1 });
    await fill(made, 1, { pongs: false });
    const waiting = settled(made.manager('ada', 'late'));

    void made.registry.shutdown();
    await made.pass(3_000);

    expect(await waiting).toBeInstanceOf(RegistryClosedError);
    expect(await waiting).toMatchObject({ message: expect.stringContaining('shut down') });
    expect(made.told('cleanupFinished')).toMatchObject([{ outcome: 'interrupted' }]);
  });

  test('of one user nobody else is concerned', async () => {
    using made = exact({ maxManagersPerUser: 1 });
    await fill(made, 1, { pongs: false });
    void settled(made.manager('ada', 'late'));

    expect(await made.manager('bob', 'tab-1')).toMatchObject({ state: 'open' });
  });
});

describe("with onLimit: 'replace-least-recent'", () => {
  test('exactly the manager goes that was used least recently, with 4429', async () => {
    using made = exact({ maxManagersPerUser: 3, onLimit: 'replace-least-recent' });
    const tabs = [];
    for (let tab = 0; tab < 3; tab += 1) {
      tabs.push(await made.tab('ada', `tab-${tab}`, { pongs: true }));
      await made.pass(100);
    }
    tabs[0]?.socket.says('busy');
    await made.pass(100);

    const late = made.manager('ada', 'late');
    // Those that answer a ping are all as active as one another: the message decides no more.
    await made.pass(10);

    expect(await late).toMatchObject({ state: 'open' });
    expect(made.told('managerRemoved')).toMatchObject([{ reason: 'replaced' }]);
    expect(made.told('connectionClosed')).toMatchObject([
      { code: 4429, reason: 'evicted', cause: 'manager' },
    ]);
    expect(made.registry.count('ada')).toBe(3);
    expect(made.told('limitReached')).toEqual([]);
  });

  test('within the cooldown it goes by what was heard last', async () => {
    using made = exact({
      maxManagersPerUser: 2,
      onLimit: 'replace-least-recent',
      emergencyCooldownMs: 600_000,
    });
    const first = await made.tab('ada', 'first');
    const second = await made.tab('ada', 'second');
    const third = made.tab('ada', 'third');
    await made.pass(10);
    const { socket } = await third;
    expect(first.manager.state).toBe('closed');
    await made.pass(100);
    second.socket.says('here');
    await made.pass(100);

    const fourth = made.manager('ada', 'fourth');
    await made.pass(10);

    expect(await fourth).toMatchObject({ state: 'open' });
    expect(socket.closed).toMatchObject([{ code: 4429 }]);
    expect(second.manager.state).toBe('open');
  });

  test('a mute victim holds its place until closeTimeoutMs is over', async () => {
    using made = exact({
      maxManagersPerUser: 1,
      onLimit: 'replace-least-recent',
      closeTimeoutMs: 3_000,
    });
    const { socket } = await made.tab('ada', 'tab-1', { closes: false });
    let found: unknown;
    void made.manager('ada', 'late').then((manager) => {
      found = manager;
    });
    await made.pass(10);
    expect(socket.closed).toMatchObject([{ code: 4429 }]);

    await made.pass(2_980);
    expect(found).toBeUndefined();
    await made.pass(20);

    expect(found).toMatchObject({ state: 'open' });
    expect(made.registry.count('ada')).toBe(1);
  });

  test('one that is closing already is no victim', async () => {
    using made = exact({
      maxManagersPerUser: 2,
      onLimit: 'replace-least-recent',
      emergencyCooldownMs: 600_000,
      closeTimeoutMs: 3_000,
    });
    await made.tab('ada', 'one');
    await made.tab('ada', 'two');
    const first = made.tab('ada', 'three', { closes: false });
    await made.pass(100);
    const { socket, manager } = await first;
    const second = made.tab('ada', 'four');
    await made.pass(100);
    await second;
    void manager.close();

    const third = made.manager('ada', 'five');
    await made.pass(10);

    expect(socket.closed).toMatchObject([{ code: 1000 }]);
    expect(await third).toMatchObject({ state: 'open' });
  });

  test('nobody is evicted who was let in a moment ago', async () => {
    using made = exact({ maxManagersPerUser: 1, onLimit: 'replace-least-recent', birthGraceMs: 0 });
    await made.manager('ada', 'first');

    const calls = ['second', 'third'].map((client) => settled(made.manager('ada', client)));
    await made.pass(1);

    expect(await Promise.all(calls)).toEqual([
      expect.any(ManagerLimitError),
      expect.any(ManagerLimitError),
    ]);
  });
});

describe('at the limit of the registry', () => {
  test('everybody is refused at once, and nobody is asked', async () => {
    using made = exact({ maxManagers: 2 });
    const { socket } = await made.tab('ada', 'tab-1');
    await made.tab('bob', 'tab-1');

    expect(await settled(made.manager('ada', 'tab-2'))).toMatchObject({
      code: 'ERR_LEAKTIGHT_TOTAL_LIMIT',
      count: 2,
      limit: 2,
      retryAfterMs: 0,
      message: 'The registry already holds 2 of 2 managers',
    });

    expect(made.told('limitReached')).toMatchObject([{ scope: 'total', userId: 'ada', count: 2 }]);
    expect(socket.pingedAtMs).toEqual([]);
    expect(await made.manager('ada', 'tab-1')).toMatchObject({ state: 'open' });
  });
});

describe('a thread whose manager is closing', () => {
  test('has a new one when that is gone, the same for all who ask', async () => {
    using made = exact({ closeTimeoutMs: 3_000, maxManagersPerUser: 1 });
    const { manager } = await made.tab('ada', 'tab-1', { closes: false });
    void manager.close();
    const calls = [made.manager('ada', 'tab-1'), made.manager('ada', 'tab-1')];
    expect(made.registry.get(contextOf('ada', 'tab-1'))).toBeUndefined();

    await made.pass(3_001);
    const [one, other] = await Promise.all(calls);

    expect(one).toBe(other);
    expect(one).not.toBe(manager);
    expect(one?.state).toBe('open');
    expect(made.told('managerCreated')).toHaveLength(2);
    expect(made.told('cleanupStarted')).toEqual([]);
  });

  test('tells who waits when the registry shuts down', async () => {
    using made = exact();
    const { manager } = await made.tab('ada', 'tab-1', { closes: false });
    void manager.close();
    const waiting = settled(made.manager('ada', 'tab-1'));

    void made.registry.shutdown();

    expect(await waiting).toBeInstanceOf(RegistryClosedError);
    expect(await settled(made.manager('bob', 'tab-1'))).toMatchObject({
      code: 'ERR_LEAKTIGHT_REGISTRY_CLOSED',
    });
  });
});
