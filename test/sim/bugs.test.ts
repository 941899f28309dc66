/** Every seeded bug is caught, by its own invariant, and the same seed passes on the code that ships. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scenarioNameOf } from '../../sim/systems/registry/bugs/bug.ts';
import { applyPatch } from '../../sim/systems/registry/bugs/library.ts';
import { bugs, invariants, scenarios } from '../../sim/systems/registry/index.ts';
import { simulate } from '../../sim/systems/registry/simulate.ts';
import { bugsTable, tableIn } from '../../tools/bugs/table.ts';

const seedsMax = 50;

const names = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name);

describe.each(bugs)('bug $name', (bug) => {
  const { name, caughtBy, forerunners = [] } = bug;
  const family = scenarios.find((candidate) => candidate.name === scenarioNameOf(bug));
  const make = family?.make ?? expect.unreachable('its scenario exists');

  test(`is caught by "${caughtBy}" within ${seedsMax} seeds, and no other breaks first`, async () => {
    // What a mistake leads to may break sooner than the mistake can be seen: a bug says by what, and why.
    const expected = [caughtBy, ...forerunners.map(({ invariant }) => invariant)];
    for (let seed = 1; seed <= seedsMax; seed++) {
      const { failure } = await simulate(make(seed, { bug: name }));
      if (failure === undefined) continue;
      expect(expected, `seed ${seed}: ${failure.detail}`).toContain(failure.invariant);
      if (failure.invariant !== caughtBy) continue;
      const again = await simulate(make(seed, { bug: name }));
      expect(again.failure).toEqual(failure);
      const shipped = await simulate(make(seed));
      expect(shipped.failure).toBeUndefined();
      return;
    }
    expect.unreachable(`not caught in ${seedsMax} seeds`);
  });

  test('names invariants that exist, and says why one may break before its own', () => {
    expect(names(invariants)).toContain(caughtBy);
    for (const { invariant, why } of forerunners) {
      expect(names(invariants)).toContain(invariant);
      expect(invariant).not.toBe(caughtBy);
      expect(why).not.toBe('');
    }
  });
});

describe('the catalogue', () => {
  const guarantees = Array.from({ length: 17 }, (_, index) => `G${index + 1}`);

  test('has names of its own for all bugs', () => {
    expect(new Set(names(bugs)).size).toBe(bugs.length);
  });

  test.each(guarantees)('has two bugs at least that break %s', (guarantee) => {
    const breaking = bugs.filter((bug) => bug.guarantees.includes(guarantee));

    expect(breaking.length).toBeGreaterThanOrEqual(2);
  });

  test('names no other guarantee', () => {
    expect(
      bugs.flatMap((bug) => bug.guarantees).filter((one) => !guarantees.includes(one)),
    ).toEqual([]);
    expect(bugs.filter((bug) => bug.guarantees.length === 0)).toEqual([]);
  });

  test('is the table of the README, which `npm run bugs -- --table` prints', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

    expect(tableIn(readme)).toBe(bugsTable(invariants, bugs));
  });

  test.each(invariants)('has a bug that "$name" catches as its own', ({ name }) => {
    expect(bugs.some(({ caughtBy }) => caughtBy === name)).toBe(true);
  });
});

describe('a patch', () => {
  const patch = { file: 'a.ts', find: 'one', replace: 'two' };

  test('that matches once is applied', () => {
    expect(applyPatch('bug', patch, 'just one here')).toBe('just two here');
  });

  test.each([
    ['nowhere', 0],
    ['one and one', 2],
  ])('that matches "%s" %i times fails loudly', (text, times) => {
    expect(() => applyPatch('bug', patch, text)).toThrow(
      `seeded bug bug: its patch of src/a.ts matches ${times} times instead of once`,
    );
  });

  test('takes a dollar sign in the replacement for what it is', () => {
    expect(applyPatch('bug', { ...patch, replace: '$&$1' }, 'one')).toBe('$&$1');
  });
});
