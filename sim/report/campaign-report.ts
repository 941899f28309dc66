/** The report of many runs, as text and as JSON. Pure: totals in, lines or a plain object out. */

import type { InvariantCount, Verdict } from '../engine/outcome.ts';
import type { CampaignTotals } from './campaign.ts';
import type { FailedRun } from './failure.ts';
import { metricRows } from './figures.ts';
import { formatCount, formatMs, formatNumber, formatTable, formatTally } from './format.ts';
import { invariantTable } from './invariants.ts';

/** Failures that the text names. The JSON form has them all, as far as they were kept. */
const failuresShownMax = 10;

/** The totals. `realMs` is what the runs took on this machine: the only figure here that differs from run to run. */
export function campaignText(totals: CampaignTotals, realMs: number): string[] {
  return [
    'runs',
    ...formatTable([
      ['runs', runsText(totals)],
      ['connections', formatCount(totals.connections)],
      ['events', formatCount(totals.events)],
      ['wire bytes', formatCount(totals.wireBytes)],
      ['virtual time', formatMs(totals.virtualMs)],
      ...metricRows(totals.metrics),
      ['faults', formatTally(totals.faults)],
      ['median run', medianText(totals)],
      ['speed', speedText(totals, realMs)],
    ]),
    '',
    'checked',
    ...invariantTable(totals.invariants),
    '',
    ...failuresText(totals),
    ...verdictText(totals),
  ];
}

/** The `--json` form of many runs: the fields of a single run summed where a sum means something, and these. */
export interface CampaignJson {
  /** The first seed. */
  readonly seed: number;
  readonly scenario: string;
  readonly bug?: string;
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  /** Present when the runs were stopped before all that were asked for were made. */
  readonly interrupted?: { readonly runsAsked: number };
  readonly verdict: Verdict;
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
  readonly failures: readonly FailedRun[];
  /** The first of `failures`. */
  readonly failure?: FailedRun;
}

export function campaignJson(totals: CampaignTotals): CampaignJson {
  const { runsAsked, invariants, failures, ...rest } = totals;
  const failure = failures[0];
  return {
    ...rest,
    ...(totals.runs < runsAsked ? { interrupted: { runsAsked } } : {}),
    emergencyLongestMs: totals.metrics.emergencyLongestMs ?? 0,
    invariants,
    failures,
    ...(failure === undefined ? {} : { failure }),
  };
}

function runsText({ runs, passed, failed, runsAsked }: CampaignTotals): string {
  const of = runs < runsAsked ? ` of ${formatCount(runsAsked)}` : '';
  return `${formatCount(runs)}${of} (${formatCount(passed)} passed, ${formatCount(failed)} failed)`;
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

function verdictText(totals: CampaignTotals): string[] {
  const { seed, scenario, runs, runsAsked, failed, digest, failures } = totals;
  const first = failures[0];
  const stopped = runs < runsAsked ? ` (interrupted after ${runs} of ${runsAsked})` : '';
  const head = `${totals.verdict.toUpperCase()} seed=${seed} runs=${runs} scenario=${scenario}${stopped}`;
  if (first === undefined) return [head, `  digest:     ${digest}`];
  return [
    head,
    `  failed:     ${formatCount(failed)} of ${formatCount(runs)}, first seed ${first.seed}`,
    `  invariant:  ${first.invariant}`,
    `  detail:     ${first.detail.split('\n', 1)[0]}`,
    `  digest:     ${digest}`,
    `  replay:     ${first.replay}`,
  ];
}
