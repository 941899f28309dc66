/** What a JSON report of Stryker says of the tests, without the mutants that are known to change nothing. Pure. */

import { formatCount } from '../../sim/report/format.ts';
import type { Equivalent } from './equivalents.ts';

/** As much of a report as is read. */
export interface StrykerReport {
  readonly files: Readonly<Record<string, StrykerFile>>;
}

interface StrykerFile {
  readonly source: string;
  readonly mutants: readonly StrykerMutant[];
}

interface StrykerMutant {
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Both from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly mutator: string;
  readonly from: string;
  readonly to: string;
}

export interface Score {
  readonly killed: number;
  readonly timedOut: number;
  /** Mutants that no test noticed, those in code that no test runs included. */
  readonly survivors: readonly Survivor[];
  readonly equivalent: number;
  /** Entries of the list that no survivor matches: the source has changed, or a test does notice. */
  readonly stale: readonly Equivalent[];
}

/** An entry stands for one survivor. Entries of files that the report does not have are not judged. */
export function scoreOf(report: StrykerReport, equivalents: readonly Equivalent[]): Score {
  const tested = Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ status: mutant.status, mutant: survivorOf(file, source, mutant) })),
  );
  const count = (wanted: string): number => tested.filter(({ status }) => status === wanted).length;
  const open = new Set(equivalents.filter(({ file }) => Object.hasOwn(report.files, file)));
  const judged = open.size;
  const survivors: Survivor[] = [];
  for (const { status, mutant } of tested) {
    if (status !== 'Survived' && status !== 'NoCoverage') continue;
    const entry = [...open].find((one) => matches(one, mutant));
    if (entry === undefined) survivors.push(mutant);
    else open.delete(entry);
  }
  return {
    killed: count('Killed'),
    timedOut: count('Timeout'),
    survivors,
    equivalent: judged - open.size,
    stale: [...open],
  };
}

/** Per cent. Rounded downwards: a score must not be rounded up to its target. */
export function percentOf({ killed, timedOut, survivors }: Score): number {
  const noticed = killed + timedOut;
  return Math.floor((1_000 * noticed) / (noticed + survivors.length)) / 10;
}

/** One line for a terminal and for the verification report. */
export function scoreText(score: Score): string {
  const { killed, timedOut, survivors, equivalent } = score;
  return [
    `Mutation score ${percentOf(score)} %: ${formatCount(killed)} killed by a test`,
    `${formatCount(timedOut)} stopped because they did not end`,
    `${formatCount(survivors.length)} survived`,
    `${formatCount(equivalent)} more are known to change nothing.`,
  ].join(', ');
}

function matches({ file, mutator, from, to }: Equivalent, mutant: Survivor): boolean {
  return (
    file === mutant.file && mutator === mutant.mutator && from === mutant.from && to === mutant.to
  );
}

function survivorOf(file: string, source: string, mutant: StrykerMutant): Survivor {
  const { mutatorName: mutator, replacement, location } = mutant;
  const { start, end } = location;
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return {
    file,
    line: start.line,
    mutator,
    from: onOneLine(lines.join(' ')),
    to: onOneLine(replacement),
  };
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
