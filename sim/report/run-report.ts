/** The report of a single run, as text and as JSON. Pure: an `Outcome` in, lines or a plain object out. */
import type { InvariantCount, Outcome, Verdict } from '../run/outcome.ts';
import type { Figures } from '../run/system.ts';
import { failedRun } from '../search/seed/failed-run.ts';
import type { RunName } from './commands.ts';
import { failureText, type ReplayableFailure } from './failure.ts';
import { metricRows, summaryOf } from './figures.ts';
import { formatCount, formatCounters, formatMs, formatTable } from './format.ts';
import { invariantTable } from './invariant-table.ts';

/** What the report says beside the outcome. */
export interface RunContext {
  readonly figures: Figures;
  /** The seeded bug that the run was made with. */
  readonly bug?: string | undefined;
  /** The command that makes the run again. */
  readonly replay: string;
}

/** The scenario of the seed. It is printed before the run, so that a run that never ends is identified. */
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
export function outcomeText(outcome: Outcome, context: Omit<RunContext, 'bug'>): string[] {
  return [
    'happened',
    ...formatTable([
      ['connections', formatCount(outcome.connections)],
      ['events', formatCount(outcome.events)],
      ['wire bytes', formatCount(outcome.wireBytes)],
      ['virtual time', formatMs(outcome.virtualMs)],
      ...metricRows(outcome.metrics, context.figures),
      ['faults', formatCounters(outcome.faults)],
    ]),
    '',
    'checked',
    ...invariantTable(outcome.invariants),
    '',
    ...verdictText(outcome, context.replay),
  ];
}

/**
 * The `--json` form of a single run, with the figures that the system repeats. Field names are a promise: they only
 * grow.
 */
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
  readonly metrics: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly invariants: readonly InvariantCount[];
  readonly failure?: ReplayableFailure;
}

export function outcomeJson(outcome: Outcome, { figures, bug, replay }: RunContext): RunJson {
  const failure = failedRun(outcome);
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
    ...summaryOf(outcome.metrics, figures),
    metrics: outcome.metrics,
    faults: outcome.faults,
    invariants: outcome.invariants.map(({ name, checks, failures }) => ({
      name,
      checks,
      failures,
    })),
    ...(failure === undefined ? {} : { failure: { ...failure, replay } }),
  };
}

export function verdictText(outcome: Outcome, replay: string): string[] {
  const failed = failedRun(outcome);
  if (failed !== undefined) return failureText({ ...failed, replay }, outcome.failure?.stack);
  return [
    `PASSED seed=${outcome.seed} scenario=${outcome.scenario}`,
    `  digest:     ${outcome.digest}`,
  ];
}
