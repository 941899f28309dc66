/** How often each invariant was checked, and whether it held: the same table for one run and for many. */

import type { InvariantCount } from '../run/outcome.ts';
import { formatCount, formatTable } from './format.ts';

/** One line an invariant, in the order they were checked. */
export function invariantTable(invariants: readonly InvariantCount[]): string[] {
  if (invariants.length === 0) return ['  none was checked'];
  const rows = invariants.map(({ name, checks, failures }) => [
    failures === 0 ? 'ok' : 'FAILED',
    name,
    formatCount(checks),
    failures === 0 ? '' : `${formatCount(failures)} failed`,
  ]);
  return formatTable([['', 'invariant', 'checks', ''], ...rows], {
    align: ['left', 'left', 'right', 'left'],
  });
}
