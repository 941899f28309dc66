/** The verdict of a campaign as a whole: its runs, how it ended, and the states that it had to reach. */

import type { Verdict } from '../../run/outcome.ts';
import type { CampaignTotals } from './campaign.ts';
import { runsThatMustReach } from './sometimes-counts.ts';

/** `diverged`: two runs of one seed differed, so no other verdict is reliable. */
export type CampaignVerdict = Verdict | 'diverged';

/** Why no more runs were made. */
export interface CampaignEnd {
  readonly why: 'done' | 'time-up' | 'interrupted';
  /** Absent when time alone was to end it. */
  readonly runsAsked?: number;
  readonly minutes?: number;
  /** Whether states that were never reached fail it; left out, the number of runs decides. */
  readonly requireSometimes?: boolean;
}

/**
 * Whether this campaign fails for a state that it never reached: with `runsThatMustReach` runs or more, unless it was
 * interrupted or has a seeded bug, which ends runs early.
 */
export function mustReachAll({ runs, bug }: CampaignTotals, end: CampaignEnd): boolean {
  if (end.why === 'interrupted') return false;
  return end.requireSometimes ?? (runs >= runsThatMustReach && bug === undefined);
}

/** Names of the states that must be reached sometimes and never were. */
export function unreached({ reached }: CampaignTotals): string[] {
  return reached.filter(({ isRequired, runs }) => isRequired && runs === 0).map(({ name }) => name);
}

export function campaignVerdict(totals: CampaignTotals, end: CampaignEnd): CampaignVerdict {
  if (totals.determinism.diverged > 0) return 'diverged';
  if (totals.verdict !== 'passed') return totals.verdict;
  return mustReachAll(totals, end) && unreached(totals).length > 0 ? 'failed' : 'passed';
}
