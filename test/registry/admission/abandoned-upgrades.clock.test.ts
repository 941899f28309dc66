/** Upgrades that are given up while their acquire waits. */
import { describe, expect, test } from 'vitest';
import { kIdleLifetime } from '../../../src/internal/symbols.ts';
import { admit } from '../support/admit.ts';
import { clockBench } from '../support/clock.ts';

const CLOSED = { code: 'ERR_LEAKTIGHT_REGISTRY_CLOSED' };

const LIMITED = { code: 'ERR_LEAKTIGHT_MANAGER_LIMIT' };

describe('abandoned upgrades', () => {
  test('an upgrade given up while it waited for the end of a close gets no manager', async () => {
    using made = clockBench();
    const { manager } = await made.connectClient('ada', 'tab-1', { closes: false });
    void manager.close();
    const asking = admit(made, 'tab-1');
    expect([asking.given, asking.refusal]).toEqual([undefined, undefined]);
    asking.waiter.wanted = false;
    await made.pass(6_000);

    expect(asking.given).toBeUndefined();
    expect(asking.refusal).toMatchObject(CLOSED);
    expect(made.registry.count('ada')).toBe(0);
    expect(made.eventsNamed('managerCreated')).toHaveLength(1);
  });

  test('an upgrade given up beside another one reserves nothing, and the other gets the manager', async () => {
    using made = clockBench();
    const { manager } = await made.connectClient('ada', 'tab-1', { closes: false });
    void manager.close();
    const [gone, stays] = [admit(made, 'tab-1'), admit(made, 'tab-1')];
    gone.waiter.wanted = false;
    await made.pass(6_000);

    const next = stays.given;
    expect(next).toMatchObject({ state: 'open' });
    expect(next).not.toBe(manager);
    next?.[kIdleLifetime].unreserve();
    expect(next?.state).toBe('closed');
  });

  test('an upgrade given up while it waited for room takes no empty manager with it', async () => {
    using made = clockBench({ maxManagersPerUser: 2, reconnectGraceMs: 600_000 });
    await made.connectClient('ada', 'lively');
    const left = await made.connectClient('ada', 'left');
    left.socket.gone(1001, '');
    const asking = admit(made, 'late');
    asking.waiter.wanted = false;
    await made.pass(10_000);

    expect(asking.given).toBeUndefined();
    expect(left.manager.state).toBe('open');
    expect(made.eventsNamed('cleanupFinished')).toMatchObject([{ kind: 'emergency', removed: 0 }]);
    // No client was refused: the upgrade had been given up.
    expect(made.eventsNamed('limitReached')).toEqual([]);
  });

  test('an upgrade given up while it waited for its evicted manager leaves the slot to the first waiting acquire', async () => {
    const options = { maxManagersPerUser: 1, onLimit: 'replace-least-recent' } as const;
    using made = clockBench({ ...options, emergencyCooldownMs: 0 });
    const evicted = await made.connectClient('ada', 'evicted', { closes: false });
    await made.pass(100);
    const evictionSuccessor = admit(made, 'successor');
    await made.pass(10);
    expect(evicted.manager.state).toBe('closing');
    const first = admit(made, 'first');
    const again = admit(made, 'evicted');
    evictionSuccessor.waiter.wanted = false;
    await made.pass(6_000);

    expect(evictionSuccessor.refusal).toMatchObject(CLOSED);
    expect(first.given).toMatchObject({ state: 'open' });
    expect(again.refusal).toMatchObject(LIMITED);
  });

  test('an upgrade given up while it waited evicts no manager', async () => {
    using made = clockBench({ maxManagersPerUser: 1, onLimit: 'replace-least-recent' });
    const { manager } = await made.connectClient('ada', 'lively');
    await made.pass(100);
    const asking = admit(made, 'late');
    asking.waiter.wanted = false;
    await made.pass(10_000);

    expect(asking.refusal).toMatchObject(LIMITED);
    expect(manager.state).toBe('open');
  });
});
