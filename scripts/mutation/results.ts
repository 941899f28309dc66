/** What came of each mutant, file by file: from Stryker's events, and from one run to the next. Pure. */

import { createHash } from 'node:crypto';

/** `static`: it is active only while its file is loaded, and was not run. */
export type Status = 'killed' | 'timed out' | 'survived' | 'uncovered' | 'static';

export interface Mutant {
  /** From 1. */
  readonly line: number;
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
  readonly format: 1;
  /** By the name of the file, `src/` and all. */
  readonly files: Readonly<Record<string, FileResult>>;
}

export const emptyState: State = { format: 1, files: {} };

/** As much of a mutant as is read of Stryker's events. */
export interface MutantEvent {
  readonly fileName: string;
  readonly status?: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
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

/**
 * The mutants of a file, in the order of the source, once all that were planned have been tested; undefined when some have
 * not, or came to no result.
 */
export function resultsOf(
  file: string,
  source: string,
  planned: readonly MutantEvent[],
  tested: readonly MutantEvent[],
): readonly Mutant[] | undefined {
  const of = (events: readonly MutantEvent[]): readonly MutantEvent[] =>
    events.filter(({ fileName }) => fileName.endsWith(`/${file}`));
  const mutants = of(tested).flatMap((event) => mutantOf(source, event) ?? []);
  if (mutants.length < of(planned).length) return undefined;
  return mutants.toSorted(inOrder);
}

function mutantOf(source: string, event: MutantEvent): (Mutant & { column: number }) | undefined {
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
    format: 1,
    files: Object.fromEntries(names.map((name) => [name, files[name] as FileResult])),
  };
}
