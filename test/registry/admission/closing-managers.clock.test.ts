/** Which acquire gets the slot of a closing manager, and which manager goes for which acquire meanwhile. */
import { describe, expect, test } from 'vitest';
import type { RegistryOptions } from '../../../src/index.ts';
import { type ClockBench, clockBench } from '../support/clock.ts';

const HURRIED: RegistryOptions = { emergencyCooldownMs: 0, reconnectGraceMs: 600_000 };

const KEEPS = { closes: false };

/** A manager that had a connection, and is kept for a long grace. */
async function left(made: ClockBench, client: string) {
  const { manager, socket } = await made.connectClient('ada', client);
  await made.pass(1);
  socket.gone(1001, '');
  return manager;
}

/** A manager that is told to go, and whose peer keeps the connection. */
async function leaving(made: ClockBench, client: string) {
  const { manager } = await made.connectClient('ada', client, KEEPS);
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

describe('acquires while a manager is closing', () => {
  test('a waiting acquire gets the slot of a closing manager, and no empty manager goes for it', async () => {
    using made = clockBench({ ...HURRIED, maxManagersPerUser: 2 });
    const empty = await left(made, 'empty');
    const closing = await leaving(made, 'closing');

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(4_999);
    expect(late.how).toBeUndefined();
    await made.pass(2);

    expect(closing.state).toBe('closed');
    expect(late).toMatchObject({ how: 'given', atMs: 5_002 });
    expect(empty.state).toBe('open');
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'room', probed: 0, removed: 0 },
    ]);
  });

  test('an empty manager goes at once for the second waiting acquire', async () => {
    using made = clockBench({ ...HURRIED, maxManagersPerUser: 3 });
    const empty = await left(made, 'empty');
    const { manager: lively } = await made.connectClient('ada', 'lively');
    await leaving(made, 'closing');

    const waiting = ['one', 'other'].map((tab) => outcomeOf(made.manager('ada', tab)));
    await made.pass(10);
    expect(empty.state).toBe('closed');
    expect(waiting.map(({ how }) => how)).toEqual(['given', undefined]);
    await made.pass(5_000);

    expect(waiting[1]?.how).toBe('given');
    expect(lively.state).toBe('open');
    expect(made.eventsNamed('managerRemoved')).toMatchObject([
      { manager: empty, reason: 'emergency' },
      { reason: 'closed' },
    ]);
  });

  test('an empty manager goes at once when the key of the closing one is wanted again', async () => {
    using made = clockBench({ ...HURRIED, maxManagersPerUser: 2 });
    const empty = await left(made, 'empty');
    await leaving(made, 'closing');
    const again = outcomeOf(made.manager('ada', 'closing'));

    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(0);
    expect(late.how).toBe('given');
    expect(empty.state).toBe('closed');
    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'emergency' }]);
    await made.pass(5_001);

    expect(again.how).toBe('given');
    expect(made.registry.count('ada')).toBe(2);
  });

  test('an empty manager goes at once when the closing one was evicted for another acquire', async () => {
    const options = { ...HURRIED, maxManagersPerUser: 2, onLimit: 'replace-least-recent' } as const;
    using made = clockBench(options);
    const evicted = await made.connectClient('ada', 'evicted', KEEPS);
    await made.pass(100);
    const other = await made.connectClient('ada', 'other');
    await made.pass(100);
    const evictionSuccessor = outcomeOf(made.manager('ada', 'successor'));
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

  test('a manager that became empty goes for a waiting acquire when the key of the closing one gets the slot', async () => {
    using made = clockBench({ ...HURRIED, maxManagersPerUser: 2 });
    const other = await made.connectClient('ada', 'other');
    await leaving(made, 'closing');
    const late = outcomeOf(made.manager('ada', 'late'));
    await made.pass(1_000);
    const again = outcomeOf(made.manager('ada', 'closing'));
    other.socket.gone(1001, '');
    expect(late.how).toBeUndefined();
    await made.pass(4_002);

    expect([again.how, late.how]).toEqual(['given', 'given']);
    expect(made.eventsNamed('managerRemoved')).toMatchObject([
      { reason: 'closed' },
      { manager: other.manager, reason: 'emergency' },
    ]);
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([
      { kind: 'emergency', outcome: 'room', removed: 1 },
    ]);
  });

  test('the key of a closing manager goes before an acquire that waits for room', async () => {
    using made = clockBench({ ...HURRIED, maxManagersPerUser: 1 });
    await leaving(made, 'closing');
    const late = outcomeOf(made.manager('ada', 'late'));
    const again = outcomeOf(made.manager('ada', 'closing'));
    await made.pass(5_001);

    expect([again.how, late.how]).toEqual(['given', 'refused']);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('the acquire for which a manager was evicted goes before the key of that manager, and the limit is kept', async () => {
    const options = { maxManagersPerUser: 1, onLimit: 'replace-least-recent' } as const;
    using made = clockBench(options);
    await made.connectClient('ada', 'evicted', KEEPS);
    await made.pass(100);
    const evictionSuccessor = outcomeOf(made.manager('ada', 'successor'));
    await made.pass(10);
    const again = outcomeOf(made.manager('ada', 'evicted'));
    await made.pass(5_000);

    expect([evictionSuccessor.how, again.how]).toEqual(['given', 'refused']);
    expect(made.registry.count('ada')).toBe(1);
    expect(made.eventsNamed('limitReached')).toMatchObject([{ scope: 'user', count: 1, limit: 1 }]);
  });

  test('an acquire finds room without a cleanup while a manager is closing', async () => {
    using made = clockBench({ ...HURRIED, maxManagersPerUser: 3, proactiveThreshold: 1 });
    await leaving(made, 'closing');
    const again = outcomeOf(made.manager('ada', 'closing'));

    const other = outcomeOf(made.manager('ada', 'other'));
    await made.pass(0);

    expect([again.how, other.how]).toEqual([undefined, 'given']);
    expect(made.eventsNamed('cleanupStarted')).toEqual([]);
    await made.pass(6_000);
    expect(again.how).toBe('given');
  });
});
