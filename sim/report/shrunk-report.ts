/** What shrinking came to, as text and as JSON. Pure. */
import type { Outcome } from '../run/outcome.ts';
import type { ScenarioShape, Step } from '../run/scenario-shape.ts';
import { failedRun } from '../search/seed/failed-run.ts';
import type { Seen } from '../search/shrink/search.ts';
import type { Cause, Ended, Shrunk, Size } from '../search/shrink/shrink.ts';
import type { Commands } from './commands.ts';
import type { ReplayableFailure } from './failure.ts';
import { formatCount, formatMs, formatTable } from './format.ts';
import { verdictText } from './run-report.ts';

/** Where the shrunk scenario was written, if it was. */
export interface ShrunkFiles {
  readonly scenarioFile?: string;
  readonly testFile?: string;
}

/** What the report says beside what was shrunk. */
export interface ShrunkContext {
  readonly shape: ScenarioShape;
  readonly commands: Commands;
  readonly files: ShrunkFiles;
}

/** Steps that the text shows: more are not read, and are in the file. */
const stepsShownMax = 40;

export function shrunkText(shrunk: Shrunk, { shape, commands, files }: ShrunkContext): string[] {
  const { before, after, scenario, outcome, runs, ended } = shrunk;
  const steps = [...scenario.actions, ...scenario.faults].sort((a, b) => a.atMs - b.atMs);
  const more = steps.length - stepsShownMax;
  const { scenarioFile, testFile } = files;
  return [
    'shrunk',
    ...formatTable([
      ['actions', change(before, after, ({ actions }) => formatCount(actions))],
      ['faults', change(before, after, ({ faults }) => formatCount(faults))],
      [shape.ownersLabel, change(before, after, ({ owners }) => formatCount(owners))],
      ['time with faults', change(before, after, ({ durationMs }) => formatMs(durationMs))],
      ['runs', `${formatCount(runs)}, until ${ended}`],
    ]),
    '',
    'steps',
    ...formatTable(steps.slice(0, stepsShownMax).map(stepRow)),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
    '',
    'cause',
    ...causeText(shrunk, shape.bugOf(scenario)),
    '',
    ...verdictText(outcome, replayOf(outcome, files, commands)),
    ...(scenarioFile === undefined ? [] : [`  scenario:   ${scenarioFile}`]),
    ...(testFile === undefined ? [] : [`  test:       ${commands.ofTest(testFile)}`]),
  ];
}

/** The `shrunk` field of the `--json` form of a run. */
export interface ShrunkJson {
  readonly runs: number;
  readonly ended: Ended;
  readonly before: Size;
  readonly after: Size;
  readonly causes: readonly Cause[];
  readonly isDueToBug: boolean;
  readonly failure?: ReplayableFailure;
  readonly scenarioFile?: string;
  readonly testFile?: string;
}

export function shrunkJson(
  shrunk: Shrunk,
  { commands, files }: Omit<ShrunkContext, 'shape'>,
): ShrunkJson {
  const { runs, ended, before, after, causes, isDueToBug, outcome } = shrunk;
  const { scenarioFile, testFile } = files;
  const failure = failedRun(outcome);
  const replay = replayOf(outcome, files, commands);
  return {
    runs,
    ended,
    before,
    after,
    causes,
    isDueToBug,
    ...(failure === undefined ? {} : { failure: { ...failure, replay } }),
    ...(scenarioFile === undefined ? {} : { scenarioFile }),
    ...(testFile === undefined ? {} : { testFile }),
  };
}

function replayOf(
  { scenario, seed }: Outcome,
  { scenarioFile }: ShrunkFiles,
  commands: Commands,
): string {
  if (scenarioFile !== undefined) return commands.ofFile(scenarioFile);
  return `none, the scenario could not be written (seed ${seed} of ${scenario} is the long way)`;
}

function change(before: Size, after: Size, figure: (size: Size) => string): string {
  return `${figure(before)} -> ${figure(after)}`;
}

function stepRow({ atMs, kind, ...fields }: Step): string[] {
  const texts = Object.entries(fields).flatMap(([name, value]) =>
    value === null || value === false ? [] : `${name} ${show(value)}`,
  );
  return [`${formatCount(atMs)} ms`, kind, texts.join(', ')];
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function causeText({ causes, isDueToBug }: Shrunk, bug: string | null): string[] {
  const planted = isDueToBug ? [`  the seeded bug ${bug}: without it the run passes`] : [];
  const left = causes.map(({ fault, without }) => {
    const { kind, host, atMs } = fault;
    return `  ${kind} ${host} at ${formatCount(atMs)} ms: ${withoutText(without)}`;
  });
  return [...planted, ...(left.length > 0 ? left : ['  no fault: it takes none'])];
}

function withoutText(without: Seen | undefined): string {
  if (without === undefined) return 'whether it is needed was not tried';
  if ('passed' in without) return 'without it the run passes';
  if (without.alsoWithoutBug) return 'without it the run fails without the seeded bug too';
  return `without it another invariant breaks (${without.broke})`;
}
