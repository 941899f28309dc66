import { describe, expect, test } from 'vitest';
import type { Catch } from '../../scripts/bugs/hunt.ts';
import { bugsText, totalsOf } from '../../scripts/bugs/report.ts';

const caught = (bug: string, foundMs: number, actions: number): Catch => ({
  bug,
  guarantees: ['G7'],
  invariant: 'no manager leaks',
  seeds: 3,
  otherwise: 0,
  foundMs,
  found: {
    seed: 3,
    actions,
    faults: 1,
    from: 300,
    shrinkRuns: 1_100,
    isMinimal: true,
    shrinkMs: 5_000,
    passesWithout: true,
  },
});

const lost: Catch = {
  bug: 'sly',
  guarantees: ['G9'],
  invariant: 'no peer is lost',
  seeds: 50,
  otherwise: 2,
  foundMs: 60_000,
};

describe('the totals of a hunt', () => {
  test('are medians of what was caught', () => {
    const totals = totalsOf([caught('a', 100, 1), lost, caught('b', 300, 4), caught('c', 900, 2)]);

    expect(totals).toMatchObject({ bugs: 4, caught: 3, medianFoundMs: 300, medianSteps: 3 });
    expect(totalsOf([caught('a', 100, 1), caught('b', 300, 4)]).medianFoundMs).toBe(200);
  });

  test('do not count what fails without the bug too', () => {
    const { found, ...rest } = caught('a', 100, 1);
    const fails = { ...rest, ...(found && { found: { ...found, passesWithout: false } }) };

    expect(totalsOf([fails]).caught).toBe(0);
    expect(bugsText(totalsOf([fails])).join('\n')).toContain('FAILS TOO');
  });

  test('say what was not found, and what broke instead', () => {
    const text = bugsText(totalsOf([caught('a', 100, 1), lost])).join('\n');

    expect(text).toContain(
      'NOT FOUND: no peer is lost in 50 seeds, 2 broke another invariant first',
    );
    expect(text).toContain('1 of 2 caught by their own invariant');
    expect(text).toMatch(/^ {2}a +no manager leaks +3 +100 ms +2 +300 +1,100 runs +passes$/m);
  });
});
