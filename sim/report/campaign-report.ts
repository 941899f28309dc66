/** The report of many runs, as text. Pure: totals in, lines out. */
import type { CampaignTotals } from '../search/campaign/campaign.ts';
import {
  type CampaignEnd,
  campaignVerdict,
  mustReachAll,
  unreached,
} from '../search/campaign/verdict.ts';
import { type CampaignContext, replayableDivergence, replayableFailure } from './campaign-json.ts';
import { divergenceText, type ReplayableDivergence } from './divergence.ts';
import type { ReplayableFailure } from './failure.ts';
import { metricRows } from './figures.ts';
import { formatCount, formatCounters, formatMs, formatNumber, formatTable } from './format.ts';
import { invariantTable } from './invariant-table.ts';
import { sometimesTable } from './sometimes.ts';

/** Failures that the text names. The JSON form has them all, as far as they were kept. */
const failuresShownMax = 10;

/** The totals. `realMs` is what the runs took on this machine: the only figure here that differs from run to run. */
export function campaignText(
  totals: CampaignTotals,
  end: CampaignEnd,
  realMs: number,
  { figures, commands }: CampaignContext,
): string[] {
  const { reached } = totals;
  const failures = totals.failures
    .slice(0, failuresShownMax)
    .map((failed) => replayableFailure(failed, totals, commands));
  const divergences = totals.determinism.divergences
    .slice(0, failuresShownMax)
    .map((divergence) => replayableDivergence(divergence, totals, commands));
  const [first] = failures;
  const [diverged] = divergences;
  const states = sometimesTable(reached, mustReachAll(totals, end));
  return [
    'runs',
    ...formatTable([
      ['runs', runsText(totals, end)],
      ['connections', formatCount(totals.connections)],
      ['events', formatCount(totals.events)],
      ['wire bytes', formatCount(totals.wireBytes)],
      ['virtual time', formatMs(totals.virtualMs)],
      ...metricRows(totals.metrics, figures),
      ['faults', formatCounters(totals.faults)],
      ['median run', medianText(totals)],
      ['run twice', checksText(totals)],
      ['speed', speedText(totals, realMs)],
    ]),
    '',
    'checked',
    ...invariantTable(totals.invariants),
    '',
    ...(states.length === 0 ? [] : ['reached', ...states, '']),
    ...failuresText(failures, totals),
    ...divergences.flatMap((divergence) => [...divergenceText(divergence), '']),
    ...verdictText(totals, end, first, diverged),
    // A diverged seed cannot be shrunk: its next run may differ.
    ...(first === undefined || diverged !== undefined
      ? []
      : [`  shrink:     ${commands.shrinking(first.replay)}`]),
    ...replayText(diverged ?? first),
  ];
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

function failuresText(shown: readonly ReplayableFailure[], { failed }: CampaignTotals): string[] {
  if (failed === 0) return [];
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

function verdictText(
  totals: CampaignTotals,
  end: CampaignEnd,
  first: ReplayableFailure | undefined,
  diverged: ReplayableDivergence | undefined,
): string[] {
  const { seed, scenario, runs, failed, digest, determinism, shard } = totals;
  const verdict = campaignVerdict(totals, end);
  const part = shard === undefined ? '' : ` shard=${shard}`;
  const head = `${verdict.toUpperCase()} seed=${seed} runs=${runs} scenario=${scenario}${part}${endText(runs, end)}`;
  const never = mustReachAll(totals, end) ? unreached(totals) : [];
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
