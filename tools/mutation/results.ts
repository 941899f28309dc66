/** What came of each mutant, file by file: from Stryker's events, and from one run to the next. Pure. */

import { createHash } from 'node:crypto';

/** `static`: it is active only while its file is loaded, and was not run. */
export type Status = 'killed' | 'timed out' | 'survived' | 'uncovered' | 'static';

export interface Mutant extends Place {
  readonly end: Place;
  /** The whole line it begins in, without the space around it. */
  readonly at: string;
  readonly mutator: string;
  /** What was replaced, and by what. */
  readonly from: string;
  readonly to: string;
  readonly status: Status;
}

export interface FileResult {
  /** Of the source that was mutated. */
  readonly sha256: string;
  /** Of the tests that were asked. */
  readonly tests: string;
  readonly mutants: readonly Mutant[];
}

export interface State {
  readonly format: 2;
  /** By the name of the file, `src/` and all. */
  readonly files: Readonly<Record<string, FileResult>>;
}

export const emptyState: State = { format: 2, files: {} };

/** As much of a mutant as is read of Stryker's events. */
export interface MutantEvent {
  readonly fileName: string;
  readonly status?: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const STATUSES: Readonly<Record<string, Status>> = {
  Killed: 'killed',
  Timeout: 'timed out',
  // The test that failed left such a loop behind that nothing could be run after it.
  RuntimeError: 'timed out',
  Survived: 'survived',
  NoCoverage: 'uncovered',
  Ignored: 'static',
};

/** What came of a file in one run. */
export interface Results {
  /** In the order of the source. */
  readonly mutants: readonly Mutant[];
  /** Whether all that were planned have been tested, and each came to a result. */
  readonly isWhole: boolean;
}

export function resultsOf(
  file: string,
  source: string,
  planned: readonly MutantEvent[],
  tested: readonly MutantEvent[],
): Results {
  const of = (events: readonly MutantEvent[]): readonly MutantEvent[] =>
    events.filter(({ fileName }) => fileName.endsWith(`/${file}`));
  const mutants = of(tested).flatMap((event) => mutantOf(source, event) ?? []);
  return { mutants: mutants.toSorted(inOrder), isWhole: mutants.length >= of(planned).length };
}

/**
 * What is known of a file after a run that asked again about what had survived in `known`; also after one that was cut
 * short, of which the killed are kept. Undefined when nothing was known and the run was cut short.
 */
export function updated(
  { mutants, isWhole }: Results,
  known: FileResult | undefined,
  now: { readonly sha256: string; readonly tests: string },
): FileResult | undefined {
  if (known === undefined) return isWhole ? { ...now, mutants } : undefined;
  const found = new Map(mutants.map((mutant) => [keyOf(mutant), mutant]));
  return {
    sha256: known.sha256,
    tests: isWhole ? now.tests : known.tests,
    mutants: known.mutants.map((mutant) =>
      survives(mutant.status) ? (found.get(keyOf(mutant)) ?? mutant) : mutant,
    ),
  };
}

function keyOf({ line, column, end, mutator, to }: Mutant): string {
  return [line, column, end.line, end.column, mutator, to].join(' ');
}

/** As Stryker wants it, which counts columns from 0: no other mutant lies there but those within this one. */
export function rangeOf(file: string, { line, column, end }: Mutant): string {
  return `${file}:${line}:${column - 1}-${end.line}:${end.column - 1}`;
}

function mutantOf(source: string, event: MutantEvent): Mutant | undefined {
  const status = STATUSES[event.status ?? ''];
  if (status === undefined) return undefined;
  const lines = source.split('\n');
  const { start, end } = event.location;
  const from = lines
    .slice(start.line - 1, end.line)
    .map((text, index, all) => {
      const cut = index === all.length - 1 ? text.slice(0, end.column - 1) : text;
      return index === 0 ? cut.slice(start.column - 1) : cut;
    })
    .join(' ');
  return {
    line: start.line,
    column: start.column,
    end: { line: end.line, column: end.column },
    at: (lines[start.line - 1] ?? '').trim(),
    mutator: event.mutatorName,
    from: brief(from),
    to: brief(event.replacement),
    status,
  };
}

const BRIEF_LENGTH_MAX = 120;

/** On one line, and no longer than says what it is. */
function brief(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length <= BRIEF_LENGTH_MAX ? flat : `${flat.slice(0, BRIEF_LENGTH_MAX)}…`;
}

function inOrder(one: Mutant, other: Mutant): number {
  if (one.line !== other.line) return one.line - other.line;
  return one.mutator.localeCompare(other.mutator, 'en') || one.to.localeCompare(other.to, 'en');
}

export function sha256(...texts: readonly string[]): string {
  const digest = createHash('sha256');
  for (const text of texts) digest.update(text).update('\0');
  return digest.digest('hex');
}

/**
 * Which of these files have to be measured: those that never were or have changed since, and those with survivors that
 * other tests may kill. What a test has killed stays killed, whatever becomes of the test.
 */
export function toMeasure(
  state: State,
  files: readonly { readonly name: string; readonly sha256: string; readonly tests: string }[],
): readonly string[] {
  return files
    .filter((file) => {
      const known = state.files[file.name];
      if (known === undefined || known.sha256 !== file.sha256) return true;
      const hasSurvivors = known.mutants.some(({ status }) => survives(status));
      return hasSurvivors && known.tests !== file.tests;
    })
    .map(({ name }) => name);
}

export function survives(status: Status): boolean {
  return status === 'survived' || status === 'uncovered';
}

/** With what was measured now, and without files that are gone. */
export function merged(
  state: State,
  measured: Readonly<Record<string, FileResult>>,
  present: readonly string[],
): State {
  const files = { ...state.files, ...measured };
  const names = Object.keys(files)
    .filter((name) => present.includes(name))
    .toSorted();
  return {
    format: 2,
    files: Object.fromEntries(names.map((name) => [name, files[name] as FileResult])),
  };
}
