import { describe, expect, test } from 'vitest';
import {
  ManagerLimitError,
  RegistryClosedError,
  UserExecutionContext,
} from '../../../src/index.ts';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';

describe('acquire', () => {
  test('a hundred concurrent acquires of one key get one manager', async () => {
    await using made = await bench();
    const { registry } = made;

    const managers = await Promise.all(
      Array.from({ length: 100 }, () => registry.acquire(contextOf('ada', 'tab-1'))),
    );

    expect(new Set(managers).size).toBe(1);
    expect(registry.count('ada')).toBe(1);
    expect(registry.size).toBe(1);
    expect(registry.get(contextOf('ada', 'tab-1'))).toBe(managers[0]);
    expect(registry.stats().managersCreated).toBe(1);
  });

  test('fifty parallel acquires of fifty keys end at the limit, and each refusal is counted once', async () => {
    await using made = await bench({ birthGraceMs: 10_000 });
    const { registry } = made;
    const events = record(registry);

    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => registry.acquire(contextOf('ada', `tab-${index}`))),
    );

    const refused = results.filter((result) => result.status === 'rejected');
    expect(registry.count('ada')).toBe(20);
    expect(refused).toHaveLength(30);
    expect(new Set(refused.map(({ reason }) => reason)).size).toBe(30);
    expect(namesOf(events).filter((name) => name === 'limitReached')).toHaveLength(30);
    expect(namesOf(events).filter((name) => name === 'cleanupFinished')).toHaveLength(2);
    expect(refused[0]?.reason).toBeInstanceOf(ManagerLimitError);
    expect(refused[0]?.reason).toMatchObject({
      code: 'ERR_LEAKTIGHT_MANAGER_LIMIT',
      userId: 'ada',
      count: 20,
      limit: 20,
      removed: 0,
    });
    // What is left of the cooldown of 200 ms.
    expect(refused[0]?.reason.retryAfterMs).toBeGreaterThan(0);
    expect(refused[0]?.reason.retryAfterMs).toBeLessThanOrEqual(200);
    expect(registry.audit()).toEqual([]);
  });

  test('ten acquires of one refused key are refused ten times', async () => {
    await using made = await bench({ maxManagersPerUser: 1 });
    const { registry } = made;
    await registry.acquire(contextOf('ada', 'tab-1'));

    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => registry.acquire(contextOf('ada', 'tab-2'))),
    );

    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(registry.stats().limitsReached).toBe(10);
  });

  test('the limit of managers is per user', async () => {
    await using made = await bench({ maxManagersPerUser: 1 });
    const { registry } = made;

    await registry.acquire(contextOf('ada', 'tab-1'));
    await registry.acquire(contextOf('bob', 'tab-1'));

    expect(registry.size).toBe(2);
  });

  test('an acquire past the total limit is refused at once', async () => {
    await using made = await bench({ maxManagers: 1 });
    const { registry } = made;
    await registry.acquire(contextOf('ada', 'tab-1'));

    await expect(registry.acquire(contextOf('bob', 'tab-1'))).rejects.toMatchObject({
      code: 'ERR_LEAKTIGHT_TOTAL_LIMIT',
      count: 1,
      limit: 1,
    });
    expect(registry.stats().limitsReached).toBe(1);
  });

  test('a closing key is handed out only after its last socket is destroyed', async () => {
    await using made = await bench();
    const { registry } = made;
    const first = await made.connectUnresponsive('ada', 'tab-1');

    const closed = first.close();
    const second = registry.acquire(contextOf('ada', 'tab-1'));

    expect(first.state).toBe('closing');
    expect(registry.get(contextOf('ada', 'tab-1'))).toBeUndefined();
    expect(registry.count('ada')).toBe(1);
    const successor = await second;
    expect(first.state).toBe('closed');
    expect(successor).not.toBe(first);
    expect(registry.managers('ada')).toEqual([successor]);
    await closed;
    expect(registry.managers('ada')).toEqual([successor]);
  });

  test('a mute peer delays the successor of its key no longer than closeTimeoutMs', async () => {
    await using made = await bench({ closeTimeoutMs: 100 });
    const first = await made.connectUnresponsive('ada', 'tab-1');
    void first.close();

    const startedAtMs = performance.now();
    await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(performance.now() - startedAtMs).toBeGreaterThan(80);
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  });

  test('a closing manager counts against the limit', async () => {
    await using made = await bench({ maxManagersPerUser: 1, closeTimeoutMs: 100 });
    const { registry } = made;
    const first = await made.connectUnresponsive('ada', 'tab-1');
    void first.close();

    const second = await registry.acquire(contextOf('ada', 'tab-2'));

    expect(first.state).toBe('closed');
    expect(registry.managers('ada')).toEqual([second]);
  });
});

test("a claimed thread of another user gives a manager of the caller's own", async () => {
  await using made = await bench();
  const owner = contextOf('ada', 'tab-1');
  const thief = UserExecutionContext.fromWebSocketRequest({
    userId: 'eve',
    threadId: owner.threadId,
  });

  const [mine, theirs] = await Promise.all([
    made.registry.acquire(owner),
    made.registry.acquire(thief),
  ]);

  expect(mine).not.toBe(theirs);
});

test('an acquire after shutdown is refused', async () => {
  await using made = await bench();
  await made.registry.shutdown();

  await expect(made.registry.acquire(contextOf('ada', 'tab-1'))).rejects.toThrow(
    RegistryClosedError,
  );
  expect(made.registry.size).toBe(0);
});
