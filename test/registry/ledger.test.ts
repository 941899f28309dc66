/** What is remembered of a user who has no manager: exactly as long as there is a cooldown to remember. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Account } from '../../src/account.ts';
import type { WebSocketManager } from '../../src/index.ts';
import { Ledger } from '../../src/ledger.ts';
import { exact } from './exact/support.ts';
import { contextOf } from './support.ts';

test('a manager leaves its account once, and never takes along the one that has its thread now', () => {
  const context = contextOf('ada', 'tab-1');
  const [earlier, later] = [{ context }, { context }] as unknown as [
    WebSocketManager,
    WebSocketManager,
  ];
  const account = new Account('ada');
  account.add(later);

  expect(account.remove(earlier)).toBe(false);
  expect(account.managers).toEqual([later]);
  expect(account.remove(later)).toBe(true);
  expect(account.remove(later)).toBe(false);
  expect(account.size).toBe(0);
});

describe('an account without managers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const ledgerOfNobody = (): Ledger => new Ledger({ filled: () => {}, emptied: () => {} });
  const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

  test('is dropped when there is nothing to remember', () => {
    const ledger = ledgerOfNobody();
    ledger.settle(ledger.account('ada'));

    expect(ledger.find('ada')).toBeUndefined();
    expect(ledger.accounts()).toEqual([]);
  });

  test.each<[string, Partial<Account>, number]>([
    ['the one cooldown', { proactiveRestUntilMs: 1_000 }, 1_000],
    ['the other', { emergencyRestUntilMs: 2_000 }, 2_000],
    ['the later of both', { proactiveRestUntilMs: 1_000, emergencyRestUntilMs: 2_000 }, 2_000],
    ['the later of both', { proactiveRestUntilMs: 3_000, emergencyRestUntilMs: 2_000 }, 3_000],
  ])('is kept until %s is over (%j)', (_what, cooldowns, untilMs) => {
    const ledger = ledgerOfNobody();
    const startMs = performance.now();
    const account = ledger.account('ada');
    const shifted = Object.entries(cooldowns).map(([name, ms]) => [name, startMs + Number(ms)]);
    Object.assign(account, Object.fromEntries(shifted));
    ledger.settle(account);
    pass(untilMs - 1);
    expect(ledger.wake()).toBe(0);
    expect(ledger.find('ada')).toBe(account);
    pass(1);

    expect(ledger.wake()).toBe(1);
    expect(ledger.find('ada')).toBeUndefined();
  });

  test('is dropped at the moment in which its cooldown ends', () => {
    const ledger = ledgerOfNobody();
    const account = ledger.account('ada');
    account.proactiveRestUntilMs = performance.now();
    ledger.settle(account);

    expect(ledger.find('ada')).toBeUndefined();
    expect(ledger.wake()).toBe(0);
  });

  test('is dropped by whoever comes next, without a sweep', () => {
    const ledger = ledgerOfNobody();
    const account = ledger.account('ada');
    account.proactiveRestUntilMs = performance.now() + 1_000;
    ledger.settle(account);
    pass(1_000);
    ledger.settle(ledger.account('bob'));

    expect(ledger.find('ada')).toBeUndefined();
    expect(ledger.wake()).toBe(0);
  });

  test('rests on when its cooldown was prolonged meanwhile', () => {
    const ledger = ledgerOfNobody();
    const account = ledger.account('ada');
    account.proactiveRestUntilMs = performance.now() + 1_000;
    ledger.settle(account);
    account.emergencyRestUntilMs = performance.now() + 5_000;
    pass(1_000);
    expect(ledger.wake()).toBe(0);
    pass(4_000);

    expect(ledger.wake()).toBe(1);
    expect(ledger.find('ada')).toBeUndefined();
  });

  test.each<[string, Partial<Account>]>([
    ['an emergency runs', { emergencyRunning: true }],
    ['a cleanup runs', { cleanupRunning: new Promise(() => {}) }],
  ])('is kept while %s, whatever its cooldowns', (_what, use) => {
    const ledger = ledgerOfNobody();
    const account = ledger.account('ada');
    account.proactiveRestUntilMs = performance.now() + 1_000;
    ledger.settle(account);
    Object.assign(account, use);
    pass(60_000);

    expect(ledger.wake()).toBe(0);
    ledger.settle(account);
    expect(ledger.find('ada')).toBe(account);
  });

  test('that was dropped takes nobody along who came after it', () => {
    const ledger = ledgerOfNobody();
    const dropped = ledger.account('ada');
    ledger.settle(dropped);
    const present = ledger.account('ada');
    present.emergencyRunning = true;
    dropped.proactiveRestUntilMs = performance.now() + 1_000;
    ledger.settle(dropped);
    pass(1_000);

    expect(present).not.toBe(dropped);
    expect(ledger.wake()).toBe(0);
    expect(ledger.find('ada')).toBe(present);
  });
});

test('somebody who is back before his cooldown is over keeps his manager after it', async () => {
  using made = exact({ proactiveCooldownMs: 1_000 });
  await made.registry.cleanup('ada');
  await made.pass(500);
  const manager = await made.manager('ada', 'tab-1');
  await made.pass(1_000);
  await made.manager('bob', 'tab-1');

  expect(made.registry.get(manager.context)).toBe(manager);
  expect(made.registry.count('ada')).toBe(1);
  expect(made.registry.sweep()).toMatchObject({ accounts: 0 });
});

test('an account knows of no cooldown before there was one', () => {
  expect(new Account('ada')).toMatchObject({ restsUntilMs: undefined, isInUse: false });
});
