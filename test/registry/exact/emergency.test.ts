/** Who gets the slot of a manager that is on its way out, and who goes for whom meanwhile. */
import { describe, expect, test } from 'vitest';
import { type RegistryOptions, WebSocketManagerRegistry } from '../../../src/index.ts';
import { contextOf } from '../support.ts';
import { type Exact, exact } from './support.ts';

const HURRIED: RegistryOptions = { emergencyCooldownMs: 0, reconnectGraceMs: 600_000 };
const KEEPS = { closes: false };

/** A manager that had a connection, and is kept for a long grace. */
async function left(made: Exact, client: string) {
  const { manager, socket } = await made.tab('ada', client);
  await made.pass(1);
  socket.gone(1001, '');
  return manager;
}

/** A manager that is told to go, and whose peer keeps the connection. */
async function leaving(made: Exact, client: string) {
  const { manager } = await made.tab('ada', client, KEEPS);
  void manager.close();
  return manager;
}

/** When it was settled and how; undefined while it is not. */
function outcomeOf(promise: Promise<unknown>): { atMs?: number; how?: 'given' | 'refused' } {
  const outcome: { atMs?: number; how?: 'given' | 'refused' } = {};
  const settle = (how: 'given' | 'refused') => () => {
    Object.assign(outcome, { atMs: performance.now(), how });
  };
  promise.then(settle('given'), settle('refused'));
  return outcome;
}

describe('while a manager is on its way out', () => {
  test('whoever waits gets its slot, and no empty one goes for him', async () => {
    using made = exact({ ...HURRIED, maxManagersPerUser: 2 });
    const empty = await left(made, 'empty');
    const closing = await leaving(made, 'closing');

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(4_999);
    expect(late.how).toBeUndefined();
    await made.pass(2);

    expect(closing.state).toBe('closed');
    expect(late).toMatchObject({ how: 'given', atMs: 5_002 });
    expect(empty.state).toBe('open');
    expect(made.told('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'room', probed: 0, removed: 0 },
    ]);
  });

  test('an empty one goes at once for the second who waits', async () => {
    using made = exact({ ...HURRIED, maxManagersPerUser: 3 });
    const empty = await left(made, 'empty');
    const { manager: lively } = await made.tab('ada', 'lively');
    await leaving(made, 'closing');

    const waiting = ['one', 'other'].map((tab) => outcomeOf(made.manager('ada', tab)));
    await made.pass(10);
    expect(empty.state).toBe('closed');
    expect(waiting.map(({ how }) => how)).toEqual(['given', undefined]);
    await made.pass(5_000);

    expect(waiting[1]?.how).toBe('given');
    expect(lively.state).toBe('open');
    expect(made.told('managerRemoved')).toMatchObject([
      { manager: empty, reason: 'emergency' },
      { reason: 'closed' },
    ]);
  });

  test('an empty one goes at once when its own key is wanted again', async () => {
    using made = exact({ ...HURRIED, maxManagersPerUser: 2 });
    const empty = await left(made, 'empty');
    await leaving(made, 'closing');
    const again = outcomeOf(made.manager('ada', 'closing'));

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(0);
    expect(late.how).toBe('given');
    expect(empty.state).toBe('closed');
    await made.pass(5_001);

    expect(again.how).toBe('given');
    expect(made.registry.count('ada')).toBe(2);
  });

  test('an empty one goes at once when it was evicted for somebody else', async () => {
    const options = { ...HURRIED, maxManagersPerUser: 2, onLimit: 'replace-least-recent' } as const;
    using made = exact(options);
    const evicted = await made.tab('ada', 'evicted', KEEPS);
    await made.pass(100);
    const other = await made.tab('ada', 'other');
    await made.pass(100);
    const evictionSuccessor = outcomeOf(made.manager('ada', 'heir'));
    await made.pass(10);
    expect(evicted.manager.state).toBe('closing');
    other.socket.gone(1001, '');

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(0);
    expect(late.how).toBe('given');
    expect(other.manager.state).toBe('closed');
    expect(evictionSuccessor.how).toBeUndefined();
    await made.pass(10_000);

    expect(evictionSuccessor.how).toBe('given');
  });

  test('and its own key gets the slot, one that has become empty goes for who waits', async () => {
    using made = exact({ ...HURRIED, maxManagersPerUser: 2 });
    const other = await made.tab('ada', 'other');
    await leaving(made, 'closing');
    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(1_000);
    const again = outcomeOf(made.manager('ada', 'closing'));
    other.socket.gone(1001, '');
    expect(late.how).toBeUndefined();
    await made.pass(4_002);

    expect([again.how, late.how]).toEqual(['given', 'given']);
    expect(made.told('managerRemoved')).toMatchObject([
      { reason: 'closed' },
      { manager: other.manager, reason: 'emergency' },
    ]);
    expect(made.told('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'room', removed: 1 },
    ]);
  });

  test('its own key goes before whoever waits for room', async () => {
    using made = exact({ ...HURRIED, maxManagersPerUser: 1 });
    await leaving(made, 'closing');
    const late = outcomeOf(made.manager('ada', 'late'));
    const again = outcomeOf(made.manager('ada', 'closing'));
    await made.pass(5_001);

    expect([again.how, late.how]).toEqual(['given', 'refused']);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('who it was evicted for goes before its own key, and the limit is kept', async () => {
    const options = { maxManagersPerUser: 1, onLimit: 'replace-least-recent' } as const;
    using made = exact(options);
    await made.tab('ada', 'evicted', KEEPS);
    await made.pass(100);
    const evictionSuccessor = outcomeOf(made.manager('ada', 'heir'));
    await made.pass(10);
    const again = outcomeOf(made.manager('ada', 'evicted'));
    await made.pass(5_000);

    expect([evictionSuccessor.how, again.how]).toEqual(['given', 'refused']);
    expect(made.registry.count('ada')).toBe(1);
    expect(made.told('limitReached')).toMatchObject([{ scope: 'user', count: 1, limit: 1 }]);
  });

  test('there is room for others without a cleanup, as long as there is', async () => {
    using made = exact({ ...HURRIED, maxManagersPerUser: 3, proactiveThreshold: 1 });
    await leaving(made, 'closing');
    const again = outcomeOf(made.manager('ada', 'closing'));

    const other = outcomeOf(made.manager('ada', 'other'));
    await made.pass(0);

    expect([again.how, other.how]).toEqual([undefined, 'given']);
    expect(made.told('cleanupStarted')).toEqual([]);
    await made.pass(6_000);
    expect(again.how).toBe('given');
  });
});

describe('an emergency', () => {
  test('gives the dead probeTimeoutMs for the handshake, or closeTimeoutMs if that is shorter', async () => {
    for (const [closeTimeoutMs, expected] of [
      [5_000, 2_000],
      [500, 500],
    ] as const) {
      using made = exact({ maxManagersPerUser: 1, probeTimeoutMs: 2_000, closeTimeoutMs });
      await made.pass(60_000);
      const { socket } = await made.tab('ada', 'mute', { pongs: false, closes: false });
      await made.pass(20_000);

      const late = outcomeOf(made.manager('ada', 'late'));
      await made.pass(10_000);

      expect(late.how).toBe('given');
      expect(socket.terminatedAtMs).toBe((socket.closed[0]?.atMs ?? Number.NaN) + expected);
    }
  });

  test('terminates the dead in time for its deadline, whenever it began', async () => {
    using made = exact({ maxManagersPerUser: 1, emergencyDeadlineMs: 3_000 });
    await made.pass(60_000);
    const { socket } = await made.tab('ada', 'mute', { pongs: false, closes: false });
    await made.pass(20_000);

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(3_000);

    expect(socket.closed[0]?.atMs).toBeLessThan(80_000 + 1_400);
    expect(socket.terminatedAtMs).toBe(80_000 + 2_700);
    expect(late.how).toBe('given');
    expect(made.told('cleanupFinished')).toMatchObject([{ durationMs: 2_701, removed: 1 }]);
  });

  test('is interrupted by a shutdown, and whoever waits is told so', async () => {
    using made = exact({ maxManagersPerUser: 1 });
    await made.tab('ada', 'mute', { pongs: false });
    const late = outcomeOf(made.manager('ada', 'late'));
    void made.registry.shutdown();
    await made.pass(10);

    expect(late.how).toBe('refused');
    expect(made.told('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'interrupted' },
    ]);
  });

  test('that a shutdown interrupts takes no time of the drain from whoever is told to go', async () => {
    using made = exact({ maxManagersPerUser: 1 });
    const { socket } = await made.tab('ada', 'mute', { pongs: false, closes: false });
    outcomeOf(made.manager('ada', 'late'));
    await made.pass(10);
    const report = made.registry.shutdown({ drainMs: 30_000 });
    await made.pass(30_000);

    expect(socket.closed).toMatchObject([{ code: 1001, atMs: 10 }]);
    expect(socket.terminatedAtMs).toBe(10 + 29_000);
    expect(await report).toMatchObject({ terminated: 1 });
  });

  test('within its cooldown is none: an empty manager goes, and no peer is asked', async () => {
    using made = exact({ maxManagersPerUser: 2, reconnectGraceMs: 600_000 });
    const lively = await made.tab('ada', 'lively');
    const other = await made.tab('ada', 'other');
    const refused = outcomeOf(made.manager('ada', 'refused'));
    await made.pass(10);
    expect(refused.how).toBe('refused');
    other.socket.gone(1001, '');
    expect(lively.socket.pingedAtMs).toHaveLength(1);

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(0);

    expect(late.how).toBe('given');
    expect(lively.socket.pingedAtMs).toHaveLength(1);
    expect(made.told('managerRemoved')).toMatchObject([
      { manager: other.manager, reason: 'emergency' },
    ]);
  });
});

describe('a manager of another registry', () => {
  test('is not released, whatever its own has under the same key', async () => {
    using made = exact();
    const other = new WebSocketManagerRegistry();
    const manager = await made.manager('ada', 'tab-1');
    const namesake = await other.acquire(contextOf('ada', 'tab-1'));

    expect(await other.release(manager)).toBe(false);
    expect(await made.registry.release(namesake)).toBe(false);

    expect([manager.state, namesake.state]).toEqual(['open', 'open']);
    expect(await other.release(namesake)).toBe(true);
  });
});

describe('a context that will not do', () => {
  test('is refused by acquire, which says why', async () => {
    using made = exact({ identitySecret: 's3cret' });
    const { registry } = made;

    await expect(registry.acquire({} as never)).rejects.toMatchObject({
      field: 'context',
      message: 'context must be a UserExecutionContext',
    });
    await expect(registry.acquire(contextOf('ada', 'tab-1'))).rejects.toMatchObject({
      field: 'threadId',
      message: expect.stringContaining('identitySecret'),
    });
  });
});
