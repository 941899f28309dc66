/** Every seeded bug is caught, by its own invariant, and the same seed passes on the code that ships. */
import { describe, expect, test } from 'vitest';
import { applyPatch } from '../../sim/registry/bugs/library.ts';
import { bugs, invariants, scenarios } from '../../sim/registry/index.ts';
import { simulate } from '../../sim/registry/simulate.ts';

const seedsMax = 50;

const swarm = scenarios[0];
if (swarm === undefined) throw new Error('there is no default scenario');

describe.each(bugs)('bug $name', ({ name, caughtBy, guarantees }) => {
  test(`is caught by "${caughtBy}" within ${seedsMax} seeds`, async () => {
    for (let seed = 1; seed <= seedsMax; seed++) {
      const { failure } = await simulate(swarm.make(seed, { bug: name }));
      // What a mistake leads to may break something else first, on some seeds.
      if (failure?.invariant !== caughtBy) continue;
      const again = await simulate(swarm.make(seed, { bug: name }));
      expect(again.failure).toEqual(failure);
      const shipped = await simulate(swarm.make(seed));
      expect(shipped.failure).toBeUndefined();
      return;
    }
    expect.unreachable(`not caught in ${seedsMax} seeds`);
  });

  test('names an invariant that exists, of the guarantees', () => {
    expect(invariants.map((invariant) => invariant.name)).toContain(caughtBy);
    expect(guarantees.length).toBeGreaterThan(0);
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
