/** The `--json` form of many runs. Pure: totals in, a plain object out. */
import type { InvariantCount } from '../run/outcome.ts';
import type { Figures } from '../run/system.ts';
import type { CampaignTotals } from '../search/campaign/campaign.ts';
import type { SometimesState } from '../search/campaign/sometimes-counts.ts';
import {
  type CampaignEnd,
  type CampaignVerdict,
  campaignVerdict,
  unreached,
} from '../search/campaign/verdict.ts';
import type { Divergence } from '../search/seed/determinism-check.ts';
import type { FailedRun } from '../search/seed/failed-run.ts';
import type { Commands } from './commands.ts';
import type { ReplayableDivergence } from './divergence.ts';
import type { ReplayableFailure } from './failure.ts';
import { summaryOf } from './figures.ts';

/** What the report says beside the totals. */
export interface CampaignContext {
  readonly figures: Figures;
  readonly commands: Commands;
}

/** The fields of a single run summed where a sum means something, and these. Field names are a promise: they only grow. */
export interface CampaignJson {
  /** The first seed of the campaign, whatever the shard. */
  readonly seed: number;
  readonly scenario: string;
  readonly bug?: string;
  /** `i/n`, when only that part of the campaign was asked for. */
  readonly shard?: string;
  readonly runs: number;
  /** The seed of the last run. */
  readonly lastSeed?: number;
  readonly passed: number;
  readonly failed: number;
  /** Present when the runs were stopped before all that were asked for were made. */
  readonly interrupted?: { readonly runsAsked?: number };
  /** Present when the time that was given ended the runs. */
  readonly timeUp?: { readonly minutes: number; readonly runsAsked?: number };
  readonly verdict: CampaignVerdict;
  readonly digest: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly connections: number;
  readonly wireBytes: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly medians: CampaignTotals['medians'];
  readonly invariants: readonly InvariantCount[];
  readonly reached: readonly SometimesState[];
  /** States that the scenario must reach sometimes and never reached. They fail a campaign that is long enough. */
  readonly unreached: readonly string[];
  readonly determinism: {
    readonly checked: number;
    readonly diverged: number;
    readonly divergences: readonly ReplayableDivergence[];
  };
  readonly failures: readonly ReplayableFailure[];
  /** The first of `failures`. */
  readonly failure?: ReplayableFailure;
}

export function campaignJson(
  totals: CampaignTotals,
  end: CampaignEnd,
  { figures, commands }: CampaignContext,
): CampaignJson {
  const { runsAsked, minutes } = end;
  const asked = runsAsked === undefined ? {} : { runsAsked };
  const { determinism } = totals;
  const failures = totals.failures.map((failed) => replayableFailure(failed, totals, commands));
  const [failure] = failures;
  return {
    ...totals,
    failures,
    determinism: {
      ...determinism,
      divergences: determinism.divergences.map((divergence) =>
        replayableDivergence(divergence, totals, commands),
      ),
    },
    ...(end.why === 'interrupted' ? { interrupted: asked } : {}),
    ...(end.why === 'time-up' && minutes !== undefined ? { timeUp: { minutes, ...asked } } : {}),
    verdict: campaignVerdict(totals, end),
    ...summaryOf(totals.metrics, figures),
    unreached: unreached(totals),
    ...(failure === undefined ? {} : { failure }),
  };
}

export function replayableFailure(
  failed: FailedRun,
  { bug }: Pick<CampaignTotals, 'bug'>,
  commands: Commands,
): ReplayableFailure {
  return { ...failed, replay: replayOf(failed, bug, commands) };
}

export function replayableDivergence(
  divergence: Divergence,
  { bug }: Pick<CampaignTotals, 'bug'>,
  commands: Commands,
): ReplayableDivergence {
  const replay = commands.checkingDeterminism(replayOf(divergence, bug, commands));
  return { ...divergence, replay };
}

function replayOf(
  { seed, scenario }: Pick<FailedRun, 'seed' | 'scenario'>,
  bug: string | undefined,
  commands: Commands,
): string {
  return commands.ofSeed({ seed, scenario, ...(bug === undefined ? {} : { bug }) });
}
