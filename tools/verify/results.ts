/** What a verification came to, as plain data that is the same on every machine. The report is made of it. */

import type { SearchJson } from '../../sim/report/exhaustive-report.ts';
import type { CampaignTotals } from '../../sim/search/campaign/campaign.ts';
import type { HuntResult } from '../bugs/hunt.ts';

/** One run that stands in the report by itself. */
export interface SingleRun {
  readonly scenario: string;
  readonly seed: number;
  readonly events: number;
  readonly digest: string;
}

export interface CampaignResult {
  readonly totals: CampaignTotals;
  readonly singles: readonly SingleRun[];
}

/** A scenario of the corpus, replayed on the code as it ships. */
export interface CorpusResult {
  readonly file: string;
  readonly story: string;
  readonly events: number;
  readonly digest: string;
  /** Name of the invariant that broke, and what was seen. */
  readonly failure?: { readonly invariant: string; readonly detail: string };
}

/** What came of looking for a bug, without how long it took, which depends on the machine. */
export type BugResult = Omit<HuntResult, 'foundMs' | 'found'> & {
  readonly found?: Omit<NonNullable<HuntResult['found']>, 'shrinkMs'>;
};

export interface Results {
  readonly campaigns: readonly CampaignResult[];
  readonly searches: readonly SearchJson[];
  readonly corpus: readonly CorpusResult[];
  readonly bugs: readonly BugResult[];
}
