/** What `npm run verify` is made of is all that there is: no scenario, invariant or guarantee is left out. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bugs, invariants, scenarios } from '../../sim/systems/registry/index.ts';
import { guarantees } from '../../sim/systems/registry/invariants/guarantees.ts';
import { priorities } from '../../sim/systems/registry/small-universe/index.ts';
import { plan } from '../../tools/verify/plan.ts';

const ids = guarantees.map(({ id }) => id);

test('every guarantee has an invariant, and every invariant and bug a guarantee', () => {
  expect(ids).toEqual(Array.from({ length: 17 }, (_, index) => `G${index + 1}`));
  expect(ids.filter((id) => !invariants.some(({ guarantee }) => guarantee === id))).toEqual([]);
  for (const { name, guarantee } of invariants) expect(ids, name).toContain(guarantee);
  for (const bug of bugs) {
    for (const guarantee of bug.guarantees) expect(ids, bug.name).toContain(guarantee);
  }
});

test('every guarantee is a row of the README', () => {
  const readme = readFileSync('README.md', 'utf8');

  expect(ids.filter((id) => !readme.includes(`\n| ${id} | `))).toEqual([]);
});

test('every scenario is verified, each once', () => {
  const planned = plan.campaigns.map(({ scenario }) => scenario);

  expect(planned.toSorted()).toEqual([...scenarios, priorities].map(({ name }) => name).toSorted());
});
