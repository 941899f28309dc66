/** The report of a single run, as text and as JSON. Pure: an `Outcome` in, lines or a plain object out. */

import type { RunName } from '../cli/commands.ts';
import type { InvariantCount, Outcome, Verdict } from '../run/outcome.ts';
import { type FailedRun, failedRun, failureText } from './failure.ts';
import { metricRows } from './figures.ts';
import { formatCount, formatMs, formatTable, formatTally } from './format.ts';
import { invariantTable } from './invariant-table.ts';

/** What the seed resolved to: printed before the run, so that a run that never ends has said what it is. */
export function resolvedText(
  run: RunName,
  resolved: readonly (readonly [label: string, value: string])[],
): string[] {
  const bug = run.bug === undefined ? [] : [['bug', run.bug] as const];
  const named = [['seed', String(run.seed)], ['scenario', run.scenario], ...bug] as const;
  const names = new Set<string>(named.map(([label]) => label));
  const rest = resolved.filter(([label]) => !names.has(label));
  return ['resolved', ...formatTable([...named, ...rest]), ''];
}

/** What happened, each invariant, and last the verdict. */
export function outcomeText(outcome: Outcome, bug?: string, replay?: string): string[] {
  return [
    'happened',
    ...formatTable([
      ['connections', formatCount(outcome.connections)],
      ['events', formatCount(outcome.events)],
      ['wire bytes', formatCount(outcome.wireBytes)],
      ['virtual time', formatMs(outcome.virtualMs)],
      ...metricRows(outcome.metrics),
      ['faults', formatTally(outcome.faults)],
    ]),
    '',
    'checked',
    ...invariantTable(outcome.invariants),
    '',
    ...verdictText(outcome, bug, replay),
  ];
}

/** The `--json` form of a single run. Field names are a promise: they only grow. */
export interface RunJson {
  readonly seed: number;
  readonly scenario: string;
  readonly bug?: string;
  readonly verdict: Verdict;
  readonly digest: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly connections: number;
  readonly wireBytes: number;
  readonly emergencyLongestMs: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly invariants: readonly InvariantCount[];
  readonly failure?: FailedRun;
}

export function outcomeJson(outcome: Outcome, bug?: string, replay?: string): RunJson {
  const failure = failedRun(outcome, bug, replay);
  return {
    seed: outcome.seed,
    scenario: outcome.scenario,
    ...(bug === undefined ? {} : { bug }),
    verdict: outcome.verdict,
    digest: outcome.digest,
    virtualMs: outcome.virtualMs,
    events: outcome.events,
    connections: outcome.connections,
    wireBytes: outcome.wireBytes,
    emergencyLongestMs: outcome.metrics.emergencyLongestMs ?? 0,
    metrics: outcome.metrics,
    faults: outcome.faults,
    invariants: outcome.invariants.map(({ name, checks, failures }) => ({
      name,
      checks,
      failures,
    })),
    ...(failure === undefined ? {} : { failure }),
  };
}

export function verdictText(outcome: Outcome, bug?: string, replay?: string): string[] {
  const failed = failedRun(outcome, bug, replay);
  if (failed !== undefined) return failureText(failed, outcome.failure?.stack);
  return [
    `PASSED seed=${outcome.seed} scenario=${outcome.scenario}`,
    `  digest:     ${outcome.digest}`,
  ];
}
