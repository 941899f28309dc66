/** How long the slots of a user without managers are remembered: while there is a cooldown to remember. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SlotTable } from '../../../src/admission/slot-table.ts';
import { UserSlots } from '../../../src/admission/user-slots.ts';
import type { WebSocketManager } from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';
import { clockBench } from '../support/clock.ts';
import { sleep } from '../support/waiting.ts';

test('the slots of a user lose a manager once, and keep the one that has its thread now', () => {
  const context = contextOf('ada', 'tab-1');
  const [earlier, later] = [{ context }, { context }] as unknown as [
    WebSocketManager,
    WebSocketManager,
  ];
  const userSlots = new UserSlots<WebSocketManager>('ada');
  userSlots.add(later);

  expect(userSlots.remove(earlier)).toBe(false);
  expect(userSlots.managers).toEqual([later]);
  expect(userSlots.remove(later)).toBe(true);
  expect(userSlots.remove(later)).toBe(false);
  expect(userSlots.size).toBe(0);
});

describe('user slots without managers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const emptySlotTable = (): SlotTable => new SlotTable({ filled: () => {}, emptied: () => {} });
  const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

  test('user slots are dropped when there is nothing to remember', () => {
    const slotTable = emptySlotTable();
    slotTable.settle(slotTable.userSlots('ada'));

    expect(slotTable.find('ada')).toBeUndefined();
    expect(slotTable.allUserSlots()).toEqual([]);
  });

  test.each<[string, Partial<UserSlots<WebSocketManager>>, number]>([
    ['the one cooldown', { proactiveCooldownUntilMs: 1_000 }, 1_000],
    ['the other', { emergencyCooldownUntilMs: 2_000 }, 2_000],
    [
      'the later of both',
      { proactiveCooldownUntilMs: 1_000, emergencyCooldownUntilMs: 2_000 },
      2_000,
    ],
    [
      'the later of both',
      { proactiveCooldownUntilMs: 3_000, emergencyCooldownUntilMs: 2_000 },
      3_000,
    ],
  ])('user slots are kept until %s is over (%j)', (_what, cooldowns, untilMs) => {
    const slotTable = emptySlotTable();
    const startMs = performance.now();
    const userSlots = slotTable.userSlots('ada');
    const shifted = Object.entries(cooldowns).map(([name, ms]) => [name, startMs + Number(ms)]);
    Object.assign(userSlots, Object.fromEntries(shifted));
    slotTable.settle(userSlots);
    pass(untilMs - 1);
    expect(slotTable.dropCooledDown()).toBe(0);
    expect(slotTable.find('ada')).toBe(userSlots);
    pass(1);

    expect(slotTable.dropCooledDown()).toBe(1);
    expect(slotTable.find('ada')).toBeUndefined();
  });

  test('user slots are dropped at the moment in which the cooldown ends', () => {
    const slotTable = emptySlotTable();
    const userSlots = slotTable.userSlots('ada');
    userSlots.proactiveCooldownUntilMs = performance.now();
    slotTable.settle(userSlots);

    expect(slotTable.find('ada')).toBeUndefined();
    expect(slotTable.dropCooledDown()).toBe(0);
  });

  test('user slots are dropped when the next user is settled, without a sweep', () => {
    const slotTable = emptySlotTable();
    const userSlots = slotTable.userSlots('ada');
    userSlots.proactiveCooldownUntilMs = performance.now() + 1_000;
    slotTable.settle(userSlots);
    pass(1_000);
    slotTable.settle(slotTable.userSlots('bob'));

    expect(slotTable.find('ada')).toBeUndefined();
    expect(slotTable.dropCooledDown()).toBe(0);
  });

  test('user slots stay when their cooldown was prolonged meanwhile', () => {
    const slotTable = emptySlotTable();
    const userSlots = slotTable.userSlots('ada');
    userSlots.proactiveCooldownUntilMs = performance.now() + 1_000;
    slotTable.settle(userSlots);
    userSlots.emergencyCooldownUntilMs = performance.now() + 5_000;
    pass(1_000);
    expect(slotTable.dropCooledDown()).toBe(0);
    pass(4_000);

    expect(slotTable.dropCooledDown()).toBe(1);
    expect(slotTable.find('ada')).toBeUndefined();
  });

  test.each<[string, Partial<UserSlots<WebSocketManager>>]>([
    ['an emergency runs', { emergencyRunning: true }],
    ['a cleanup runs', { cleanupRunning: new Promise(() => {}) }],
  ])('user slots are kept while %s, whatever the cooldowns', (_what, use) => {
    const slotTable = emptySlotTable();
    const userSlots = slotTable.userSlots('ada');
    userSlots.proactiveCooldownUntilMs = performance.now() + 1_000;
    slotTable.settle(userSlots);
    Object.assign(userSlots, use);
    pass(60_000);

    expect(slotTable.dropCooledDown()).toBe(0);
    slotTable.settle(userSlots);
    expect(slotTable.find('ada')).toBe(userSlots);
  });

  test('user slots that were dropped take no later slots of the user along', () => {
    const slotTable = emptySlotTable();
    const dropped = slotTable.userSlots('ada');
    slotTable.settle(dropped);
    const present = slotTable.userSlots('ada');
    present.emergencyRunning = true;
    dropped.proactiveCooldownUntilMs = performance.now() + 1_000;
    slotTable.settle(dropped);
    pass(1_000);

    expect(present).not.toBe(dropped);
    expect(slotTable.dropCooledDown()).toBe(0);
    expect(slotTable.find('ada')).toBe(present);
  });
});

test('a user that returns before its cooldown is over keeps its manager after it', async () => {
  using made = clockBench({ proactiveCooldownMs: 1_000 });
  await made.registry.cleanup('ada');
  await made.pass(500);
  const manager = await made.manager('ada', 'tab-1');
  await made.pass(1_000);
  await made.manager('bob', 'tab-1');

  expect(made.registry.get(manager.context)).toBe(manager);
  expect(made.registry.count('ada')).toBe(1);
  expect(made.registry.sweep()).toMatchObject({ accounts: 0 });
});

test('new user slots have no cooldown', () => {
  expect(new UserSlots<WebSocketManager>('ada')).toMatchObject({
    cooldownUntilMs: undefined,
    isInUse: false,
  });
});

test('a user in a long cooldown keeps no other user in memory', async () => {
  const slotTable = new SlotTable({ filled: () => {}, emptied: () => {} });
  const nowMs = performance.now();
  const long = slotTable.userSlots('long');
  long.emergencyCooldownUntilMs = nowMs + 60_000;
  slotTable.settle(long);
  for (const userId of ['ada', 'bob']) {
    const userSlots = slotTable.userSlots(userId);
    userSlots.proactiveCooldownUntilMs = nowMs + 10;
    slotTable.settle(userSlots);
  }
  await sleep(20);

  expect(slotTable.dropCooledDown()).toBe(2);
  expect(slotTable.allUserSlots()).toEqual([long]);
});
