/** What the campaigns come to by guarantee and by invariant. */

import { formatCount } from '../../sim/report/format.ts';
import type { VerificationLab } from './lab.ts';
import type { CampaignResult, Results } from './results.ts';
import { tableHead, tableLine } from './rows.ts';

interface Count {
  readonly checks: number;
  readonly failures: number;
}

/** The guarantees, and the invariants that watch over each. */
export function invariantSections(results: Results, lab: VerificationLab): string[] {
  const counts = countsOf(results.campaigns);
  const rows = lab.guarantees.flatMap(({ id }) =>
    lab.invariants
      .filter(({ guarantee }) => guarantee === id)
      .map(({ name, description }) => {
        const { checks, failures } = counts.get(name) ?? none;
        return tableLine([id, name, description, formatCount(checks), formatCount(failures)]);
      }),
  );
  return [
    '## Guarantees',
    '',
    ...tableHead(['', 'guarantee', 'invariants', 'checks', 'seeded bugs']),
    ...lab.guarantees.map(({ id, sentence }) => {
      const names = lab.invariants.filter(({ guarantee }) => guarantee === id);
      const checks = sumOf(names, ({ name }) => counts.get(name)?.checks ?? 0);
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
    'A check is one invariant asked once, after an event or when everybody has left. These are those of the campaigns; the',
    `exhaustive searches below made ${formatCount(sumOf(results.searches, ({ checks }) => checks))} more.`,
    '',
    '## Invariants',
    '',
    ...tableHead(['', 'invariant', 'what holds', 'checks', 'failed']),
    ...rows,
    '',
  ];
}

export function checksOf(campaigns: readonly CampaignResult[]): number {
  return sumOf([...countsOf(campaigns).values()], ({ checks }) => checks);
}

export function sumOf<Item>(items: readonly Item[], numberOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + numberOf(item), 0);
}

const none: Count = { checks: 0, failures: 0 };

function countsOf(campaigns: readonly CampaignResult[]): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>();
  for (const { name, checks, failures } of campaigns.flatMap(({ totals }) => totals.invariants)) {
    const before = counts.get(name) ?? none;
    counts.set(name, { checks: before.checks + checks, failures: before.failures + failures });
  }
  return counts;
}
