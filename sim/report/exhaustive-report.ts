/** The report of an exhaustive search, as text and as JSON. Pure: a search that is over in, lines or a plain object out. */
import type { Path, SmallUniverse } from '../run/small-universe.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ExhaustiveSearch, Level } from '../search/exhaustive/exhaustive-search.ts';
import { seedOf } from '../search/exhaustive/paths.ts';
import type { Commands } from './commands.ts';
import { failureText, type ReplayableFailure } from './failure.ts';
import { formatCount, formatMs, formatNumber, formatTable } from './format.ts';

/** How a search ended, and with what it was made. */
export interface SearchEnd {
  readonly universe: SmallUniverse;
  readonly bug?: string;
  /** Most actions that were asked for. */
  readonly depthAsked: number;
  readonly isInterrupted: boolean;
}

/** The `--json` form. Field names are a promise: they only grow. */
export interface SearchJson {
  readonly universe: string;
  readonly bug?: string;
  readonly letters: readonly string[];
  readonly depthAsked: number;
  /** The longest paths of which all were tried. */
  readonly depth: number;
  /** Present when it was stopped before its end. */
  readonly interrupted?: true;
  /** No state came up at the last depth that had not been seen: more depth would add none. */
  readonly isExhausted: boolean;
  readonly verdict: 'passed' | 'failed';
  readonly states: number;
  readonly runs: number;
  readonly wholeRuns: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly checks: number;
  readonly levels: readonly Level[];
  /** SHA-256 over every path, the state that it came to and its number of events, in order. */
  readonly digest: string;
  readonly failure?: Omit<ReplayableFailure, 'digest' | 'verdict'> & {
    readonly actions: readonly string[];
    readonly story: Scenario;
  };
}

export function searchJson(
  search: ExhaustiveSearch,
  end: SearchEnd,
  commands: Commands,
): SearchJson {
  const { universe, bug, depthAsked, isInterrupted } = end;
  const levels = search.levels.map((level) => ({ ...level }));
  const { path, failure } = search.failure ?? {};
  const isWhole = !isInterrupted && failure === undefined;
  const last = levels.at(-1);
  return {
    universe: universe.name,
    ...(bug === undefined ? {} : { bug }),
    letters: universe.letters,
    depthAsked,
    depth: Math.max(0, (last?.depth ?? 0) - (isWhole ? 0 : 1)),
    ...(isInterrupted ? { interrupted: true } : {}),
    isExhausted: isWhole && last?.states === 0,
    verdict: failure === undefined ? 'passed' : 'failed',
    states: search.states,
    runs: sumOf(levels, 'runs'),
    wholeRuns: sumOf(levels, 'whole'),
    events: search.events,
    virtualMs: search.virtualMs,
    checks: search.checks,
    levels,
    digest: search.digest(),
    ...(path === undefined || failure === undefined
      ? {}
      : {
          failure: {
            ...failure,
            ...nameOf(path, end, commands),
            actions: wordsOf(path, universe),
            story: universe.scenarioOf(path, bug),
          },
        }),
  };
}

export function searchText(json: SearchJson, realMs: number): string[] {
  const { runs, wholeRuns, events, virtualMs, checks, states } = json;
  const rate = (runs * 1_000) / Math.max(realMs, 0.001);
  return [
    'searched',
    ...formatTable([
      ['runs', `${formatCount(runs)}, ${formatCount(wholeRuns)} of them to the end`],
      ['states', formatCount(states)],
      ['events', formatCount(events)],
      ['virtual time', formatMs(virtualMs)],
      ['checks', formatCount(checks)],
      ['speed', `${formatMs(realMs)} real, ${formatNumber(rate)} runs/s`],
    ]),
    '',
    ...levelTable(json.levels),
    '',
    ...verdictText(json),
  ];
}

/** What is searched, before it is. */
export function resolvedSearchText({
  universe,
  bug,
  depthAsked,
}: Omit<SearchEnd, 'isInterrupted'>): string[] {
  return [
    'resolved',
    ...formatTable([
      ...universe.description,
      ['depth', `${depthAsked} actions`],
      ...(bug === undefined ? [] : [['bug', bug] as const]),
    ]),
    '',
  ];
}

function levelTable(levels: readonly Level[]): string[] {
  const rows = levels.map(({ depth, runs, whole, states }) =>
    [depth, runs, whole, states].map(formatCount),
  );
  const align = ['right', 'right', 'right', 'right'] as const;
  return formatTable([['actions', 'runs', 'to the end', 'new states'], ...rows], { align });
}

function verdictText(json: SearchJson): string[] {
  const { failure, depth, states, runs, digest } = json;
  const scope = [
    `  covered:    ${coveredText(json)}`,
    '  modulo:     the fingerprint of a state; a known state is not gone on from',
    `  digest:     ${digest}`,
  ];
  if (failure === undefined) {
    const stopped = json.interrupted === true ? ` (interrupted, asked for ${json.depthAsked})` : '';
    return [`PASSED depth=${depth} states=${states} runs=${runs}${stopped}`, ...scope];
  }
  const { actions } = failure;
  return [
    ...failureText({ ...failure, verdict: 'failed', digest }),
    `  actions:    ${actions.length}, and no path with fewer fails: ${actions.join(', ')}`,
  ];
}

function coveredText({ depth, isExhausted, letters }: SearchJson): string {
  if (depth === 0) return 'nothing beyond the empty path';
  const extent = isExhausted ? 'of any length' : `of up to ${depth} actions`;
  return `all sequences ${extent} out of ${letters.length}; complete for these actions at fixed latencies`;
}

function nameOf(path: Path, { universe, bug }: SearchEnd, commands: Commands) {
  const seed = seedOf(path, universe.letters.length);
  const run = { seed, scenario: universe.name, ...(bug === undefined ? {} : { bug }) };
  return { seed, scenario: universe.name, replay: commands.ofSeed(run) };
}

function wordsOf(path: Path, { letters }: SmallUniverse): string[] {
  return path.map((letter) => letters[letter] ?? String(letter));
}

function sumOf(levels: readonly Level[], field: 'runs' | 'whole'): number {
  return levels.reduce((sum, level) => sum + level[field], 0);
}
