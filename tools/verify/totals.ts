/** What the campaigns come to by guarantee and by invariant. */

import { formatCount } from '../../sim/report/format.ts';
import type { CampaignResult, Results } from './results.ts';
import { tableHead, tableLine } from './tables.ts';
import type { VerifiedSystem } from './verified-system.ts';

/** The guarantees, and the invariants that watch over each. */
export function invariantSections(results: Results, system: VerifiedSystem): string[] {
  const counts = countsOf(results.campaigns);
  const rows = system.guarantees.flatMap(({ id }) =>
    system.oracles
      .filter(({ guarantee }) => guarantee === id)
      .map(({ name, description }) => {
        const caught = results.bugs.filter(({ invariant }) => invariant === name);
        return tableLine([
          id,
          name,
          description,
          formatCount(counts.get(name) ?? 0),
          caught.map(({ bug }) => bug).join(', '),
        ]);
      }),
  );
  return [
    '## Guarantees',
    '',
    ...tableHead(['', 'guarantee', 'invariants', 'checks', 'seeded bugs']),
    ...system.guarantees.map(({ id, sentence }) => {
      const names = system.oracles.filter(({ guarantee }) => guarantee === id);
      const checks = sumOf(names, ({ name }) => counts.get(name) ?? 0);
      const bugs = results.bugs.filter(({ guarantees }) => guarantees.includes(id));
      return tableLine([
        id,
        sentence,
        String(names.length),
        formatCount(checks),
        String(bugs.length),
      ]);
    }),
    '',
    'A check is one invariant asked once, after an event or when all clients have left. These are those of the campaigns; the',
    `exhaustive searches below made ${formatCount(sumOf(results.searches, ({ checks }) => checks))} more.`,
    '',
    '## Invariants',
    '',
    ...tableHead(['', 'invariant', 'what holds', 'checks', 'seeded bugs that it caught']),
    ...rows,
    '',
  ];
}

export function checksOf(campaigns: readonly CampaignResult[]): number {
  return sumOf([...countsOf(campaigns).values()], (checks) => checks);
}

export function sumOf<Item>(items: readonly Item[], numberOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + numberOf(item), 0);
}

/** How often each invariant was checked. */
function countsOf(campaigns: readonly CampaignResult[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, checks } of campaigns.flatMap(({ totals }) => totals.invariants)) {
    counts.set(name, (counts.get(name) ?? 0) + checks);
  }
  return counts;
}
