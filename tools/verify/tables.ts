/** Tables of the report in Markdown, and the rows that several sections are made of. */

import type { SearchJson } from '../../sim/report/exhaustive-report.ts';
import { formatCount } from '../../sim/report/format.ts';
import type { BugResult, CorpusResult, SingleRun } from './results.ts';

/** One line of a table. */
export function tableLine(cells: readonly string[]): string {
  const clean = cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' '));
  return `| ${clean.join(' | ')} |`;
}

export function tableHead(cells: readonly string[]): string[] {
  return [tableLine(cells), `|${cells.map(() => '---|').join('')}`];
}

export function singleRow({ scenario, seed, events, digest }: SingleRun): string {
  return tableLine([scenario, `seed ${seed}`, formatCount(events), code(digest)]);
}

export function searchRow(search: SearchJson): string {
  const { depthAsked, runs, wholeRuns, states, digest, verdict } = search;
  const counts = [runs, wholeRuns, states].map(formatCount);
  return tableLine([`up to ${depthAsked} actions`, ...counts, verdict, code(digest)]);
}

export function corpusRow({ file, story, events, digest, failure }: CorpusResult): string {
  const verdict = failure === undefined ? 'passed' : 'failed';
  return tableLine([code(file), story, verdict, formatCount(events), code(digest)]);
}

export function bugRow({ bug, guarantees, invariant, scenario, ...result }: BugResult): string {
  const { seeds, otherwise, found } = result;
  const outcome =
    found === undefined
      ? ['', '', 'not caught']
      : [
          formatCount(found.actions + found.faults),
          formatCount(found.from),
          found.passesWithout ? 'passes' : 'fails too',
        ];
  const counts = [seeds, otherwise].map(formatCount);
  return tableLine([bug, guarantees.join(' '), invariant, scenario, ...counts, ...outcome]);
}

export function code(text: string): string {
  return `\`${text}\``;
}
