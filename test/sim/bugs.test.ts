/** Every seeded bug is caught by its own invariant on a known seed, and the catalogue of bugs is complete. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scenarioNameOf } from '../../sim/systems/registry/bugs/bug.ts';
import { applyPatch } from '../../sim/systems/registry/bugs/plant.ts';
import { bugs, invariants, scenarios } from '../../sim/systems/registry/index.ts';
import { simulate } from '../../sim/systems/registry/simulate.ts';
import { bugsTable, tableIn } from '../../tools/bugs/table.ts';

/** For each bug a seed on which its own invariant breaks first: `npm run bugs -- --json` finds them. */
const seeds: Readonly<Record<string, number>> = JSON.parse(
  readFileSync(new URL('bug-seeds.json', import.meta.url), 'utf8'),
);

const names = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name);

describe.each(bugs)('the seeded bug $name', (bug) => {
  const { name, caughtBy, forerunners = [] } = bug;

  test(`the seeded bug ${name} is caught by the invariant "${caughtBy}" on a known seed`, async () => {
    const family = scenarios.find((candidate) => candidate.name === scenarioNameOf(bug));
    const make = family?.make ?? expect.unreachable('its scenario exists');
    const seed = seeds[name] ?? expect.unreachable('the bug has a seed in bug-seeds.json');

    const { failure } = await simulate(make(seed, { bug: name }));

    expect(failure?.invariant, failure?.detail).toBe(caughtBy);
  });

  test(`the seeded bug ${name} names invariants that exist, and says why one may break before its own`, () => {
    expect(names(invariants)).toContain(caughtBy);
    for (const { invariant, why } of forerunners) {
      expect(names(invariants)).toContain(invariant);
      expect(invariant).not.toBe(caughtBy);
      expect(why).not.toBe('');
    }
  });
});

test('the known seeds are those of the bugs in the catalogue', () => {
  expect(Object.keys(seeds).sort()).toEqual(names(bugs).toSorted());
});

describe('the catalogue of seeded bugs', () => {
  const guarantees = Array.from({ length: 17 }, (_, index) => `G${index + 1}`);

  test('every seeded bug has a name of its own', () => {
    expect(new Set(names(bugs)).size).toBe(bugs.length);
  });

  test.each(guarantees)('at least two seeded bugs break %s', (guarantee) => {
    const breaking = bugs.filter((bug) => bug.guarantees.includes(guarantee));

    expect(breaking.length).toBeGreaterThanOrEqual(2);
  });

  test('no seeded bug names an unknown guarantee', () => {
    expect(
      bugs.flatMap((bug) => bug.guarantees).filter((one) => !guarantees.includes(one)),
    ).toEqual([]);
    expect(bugs.filter((bug) => bug.guarantees.length === 0)).toEqual([]);
  });

  test('the README shows the table of seeded bugs that `npm run bugs -- --table` prints', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

    expect(tableIn(readme)).toBe(bugsTable(invariants, bugs));
  });

  test.each(invariants)(
    'the invariant "$name" catches at least one seeded bug as its own',
    ({ name }) => {
      expect(bugs.some(({ caughtBy }) => caughtBy === name)).toBe(true);
    },
  );
});

describe('a patch of a seeded bug', () => {
  const patch = { file: 'a.ts', find: 'one', replace: 'two' };

  test('a patch that matches once is applied', () => {
    expect(applyPatch('bug', patch, 'just one here')).toBe('just two here');
  });

  test.each([
    ['nowhere', 0],
    ['one and one', 2],
  ])('a patch of the text "%s", which it matches %i times, fails loudly', (text, times) => {
    expect(() => applyPatch('bug', patch, text)).toThrow(
      `seeded bug bug: its patch of src/a.ts matches ${times} times instead of once`,
    );
  });

  test('a dollar sign in the replacement of a patch is taken literally', () => {
    expect(applyPatch('bug', { ...patch, replace: '$&$1' }, 'one')).toBe('$&$1');
  });
});
