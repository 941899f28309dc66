/** The report of many runs, as text and as JSON. Pure: totals in, lines or a plain object out. */

import type { InvariantCount } from '../run/outcome.ts';
import type { CampaignTotals } from '../search/campaign/campaign.ts';
import {
  type CampaignEnd,
  type CampaignVerdict,
  campaignVerdict,
  mustReachAll,
  unreached,
} from '../search/campaign/verdict.ts';
import { type Divergence, divergenceText } from './divergence.ts';
import type { FailedRun } from './failure.ts';
import { metricRows } from './figures.ts';
import { formatCount, formatMs, formatNumber, formatTable, formatTally } from './format.ts';
import { invariantTable } from './invariant-table.ts';
import { type SometimesState, sometimesTable } from './sometimes.ts';

/** Failures that the text names. The JSON form has them all, as far as they were kept. */
const failuresShownMax = 10;

/** The totals. `realMs` is what the runs took on this machine: the only figure here that differs from run to run. */
export function campaignText(totals: CampaignTotals, end: CampaignEnd, realMs: number): string[] {
  const { determinism, reached } = totals;
  const states = sometimesTable(reached, mustReachAll(totals, end));
  return [
    'runs',
    ...formatTable([
      ['runs', runsText(totals, end)],
      ['connections', formatCount(totals.connections)],
      ['events', formatCount(totals.events)],
      ['wire bytes', formatCount(totals.wireBytes)],
      ['virtual time', formatMs(totals.virtualMs)],
      ...metricRows(totals.metrics),
      ['faults', formatTally(totals.faults)],
      ['median run', medianText(totals)],
      ['run twice', checksText(totals)],
      ['speed', speedText(totals, realMs)],
    ]),
    '',
    'checked',
    ...invariantTable(totals.invariants),
    '',
    ...(states.length === 0 ? [] : ['reached', ...states, '']),
    ...failuresText(totals),
    ...determinism.divergences
      .slice(0, failuresShownMax)
      .flatMap((divergence) => [...divergenceText(divergence), '']),
    ...verdictText(totals, end),
  ];
}

/** The `--json` form of many runs: the fields of a single run summed where a sum means something, and these. */
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
  readonly emergencyLongestMs: number;
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
    readonly divergences: readonly Divergence[];
  };
  readonly failures: readonly FailedRun[];
  /** The first of `failures`. */
  readonly failure?: FailedRun;
}

export function campaignJson(totals: CampaignTotals, end: CampaignEnd): CampaignJson {
  const { runsAsked, minutes } = end;
  const asked = runsAsked === undefined ? {} : { runsAsked };
  const failure = totals.failures[0];
  return {
    ...totals,
    ...(end.why === 'interrupted' ? { interrupted: asked } : {}),
    ...(end.why === 'time-up' && minutes !== undefined ? { timeUp: { minutes, ...asked } } : {}),
    verdict: campaignVerdict(totals, end),
    emergencyLongestMs: totals.metrics.emergencyLongestMs ?? 0,
    unreached: unreached(totals),
    ...(failure === undefined ? {} : { failure }),
  };
}

function runsText({ runs, passed, failed }: CampaignTotals, { runsAsked }: CampaignEnd): string {
  const of = runsAsked !== undefined && runs < runsAsked ? ` of ${formatCount(runsAsked)}` : '';
  return `${formatCount(runs)}${of} (${formatCount(passed)} passed, ${formatCount(failed)} failed)`;
}

function checksText({ determinism: { checked, diverged } }: CampaignTotals): string {
  const seeds = `${formatCount(checked)} ${checked === 1 ? 'seed' : 'seeds'}`;
  return diverged === 0
    ? `${seeds}, the same both times`
    : `${seeds}, ${formatCount(diverged)} not the same both times`;
}

function medianText({ medians }: CampaignTotals): string {
  const { connections, events, faultClasses } = medians;
  return [
    `${formatNumber(connections)} connections`,
    `${formatNumber(events)} events`,
    `${formatNumber(faultClasses)} fault classes`,
  ].join(', ');
}

function speedText({ runs, connections, virtualMs }: CampaignTotals, realMs: number): string {
  // A clock that did not move would make the rates infinite.
  const ms = Math.max(realMs, 0.001);
  return [
    `${formatMs(realMs)} real`,
    `${formatNumber(perSecond(runs, ms))} runs/s`,
    `${formatNumber(perSecond(connections, ms))} connections/s`,
    `virtual time ${formatNumber(virtualMs / ms)} times real`,
  ].join(', ');
}

function perSecond(count: number, ms: number): number {
  return (count * 1_000) / ms;
}

function failuresText({ failures, failed }: CampaignTotals): string[] {
  if (failed === 0) return [];
  const shown = failures.slice(0, failuresShownMax);
  const rows = shown.map(({ seed, verdict, invariant, replay }) => [
    String(seed),
    verdict,
    invariant,
    replay,
  ]);
  const more = failed - shown.length;
  return [
    'failures',
    ...formatTable([['seed', 'verdict', 'invariant', 'replay'], ...rows]),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
    '',
  ];
}

function verdictText(totals: CampaignTotals, end: CampaignEnd): string[] {
  const { seed, scenario, runs, failed, digest, failures, determinism, shard } = totals;
  const verdict = campaignVerdict(totals, end);
  const part = shard === undefined ? '' : ` shard=${shard}`;
  const head = `${verdict.toUpperCase()} seed=${seed} runs=${runs} scenario=${scenario}${part}${endText(runs, end)}`;
  const never = mustReachAll(totals, end) ? unreached(totals) : [];
  const [first] = failures;
  const [diverged] = determinism.divergences;
  return [
    head,
    ...(totals.lastSeed === undefined ? [] : [`  last seed:  ${totals.lastSeed}`]),
    ...(diverged === undefined
      ? []
      : [`  diverged:   ${formatCount(determinism.diverged)}, first seed ${diverged.seed}`]),
    ...never.map((name) => `  never:      ${name}`),
    ...(first === undefined
      ? []
      : [
          `  failed:     ${formatCount(failed)} of ${formatCount(runs)}, first seed ${first.seed}`,
          `  invariant:  ${first.invariant}`,
          `  detail:     ${first.detail.split('\n', 1)[0]}`,
        ]),
    `  digest:     ${digest}`,
    // What gives two runs cannot be shrunk: no run of it says what the next one does.
    ...(first === undefined || diverged !== undefined
      ? []
      : [`  shrink:     ${first.replay} --shrink`]),
    ...replayText(diverged ?? first),
  ];
}

function endText(runs: number, { why, runsAsked }: CampaignEnd): string {
  const of = runsAsked === undefined ? '' : ` of ${runsAsked}`;
  switch (why) {
    case 'done':
      return '';
    case 'time-up':
      return ` (time was up after ${runs}${of})`;
    case 'interrupted':
      return ` (interrupted after ${runs}${of})`;
  }
}

function replayText(run: { readonly replay: string } | undefined): string[] {
  return run === undefined ? [] : [`  replay:     ${run.replay}`];
}
