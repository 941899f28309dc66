/** The table of `sometimes` states: which a campaign reached, in how many of its runs, and which it never did. */
import type { SometimesState } from '../search/campaign/sometimes-counts.ts';
import { formatCount, formatTable } from './format.ts';

/** One line a state; nothing when there are none. @param isJudged Whether a state that was never reached fails. */
export function sometimesTable(states: readonly SometimesState[], isJudged: boolean): string[] {
  if (states.length === 0) return [];
  const rows = states.map(({ name, runs, times, isRequired }) => [
    markOf(isRequired, runs, isJudged),
    name,
    formatCount(runs),
    formatCount(times),
  ]);
  return formatTable([['', 'state', 'runs', 'times'], ...rows], {
    align: ['left', 'left', 'right', 'right'],
  });
}

function markOf(isRequired: boolean, runs: number, isJudged: boolean): string {
  if (runs > 0) return isRequired ? 'ok' : '';
  return isJudged ? 'NEVER' : 'not reached';
}
