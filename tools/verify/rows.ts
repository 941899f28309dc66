/** The rows of the report that can be made again one by one, each with the cells that it is found by. */

import type { SearchJson } from '../../sim/report/exhaustive-report.ts';
import { formatCount } from '../../sim/report/format.ts';
import { coverage, type Inputs } from './inputs.ts';
import { mutationLines } from './mutation.ts';
import type { BugResult, CorpusResult, Results, SingleRun } from './results.ts';

/** One line, and how it begins whatever came out: enough to find it in another report. */
export interface Row {
  readonly key: string;
  readonly line: string;
}

/** @param keys Cells at the start that say what the row is about. */
export function row(keys: readonly string[], values: readonly string[]): Row {
  return { key: tableLine(keys), line: tableLine([...keys, ...values]) };
}

/** One line of a table in Markdown. */
export function tableLine(cells: readonly string[]): string {
  const clean = cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' '));
  return `| ${clean.join(' | ')} |`;
}

export function tableHead(cells: readonly string[]): string[] {
  return [tableLine(cells), `|${cells.map(() => '---|').join('')}`];
}

export function titleRow({ version }: Inputs): Row {
  return { key: '# ', line: `# Verification of leaktight ${version}` };
}

export function sourceRows({ registry, whole, packages }: Inputs): Row[] {
  return [
    row(['the registry, `src/**/*.ts`'], [code(registry)]),
    row([`all that this report is made with: ${coverage}`], [code(whole)]),
    ...packages.map(({ name, version }) =>
      row([`the package ${code(name)}, as it is locked`], [version]),
    ),
  ];
}

export function singleRow({ scenario, seed, events, digest }: SingleRun): Row {
  return row([scenario, `seed ${seed}`], [formatCount(events), code(digest)]);
}

export function searchRow({
  depthAsked,
  runs,
  wholeRuns,
  states,
  digest,
  verdict,
}: SearchJson): Row {
  return row(
    [`up to ${depthAsked} actions`],
    [formatCount(runs), formatCount(wholeRuns), formatCount(states), verdict, code(digest)],
  );
}

export function corpusRow({ file, story, events, digest, failure }: CorpusResult): Row {
  const verdict = failure === undefined ? 'passed' : 'failed';
  return row([code(file)], [story, verdict, formatCount(events), code(digest)]);
}

export function bugRow({ bug, guarantees, invariant, scenario, ...result }: BugResult): Row {
  const { seeds, otherwise, found } = result;
  const outcome =
    found === undefined
      ? ['', '', 'not caught']
      : [
          formatCount(found.actions + found.faults),
          formatCount(found.from),
          found.passesWithout ? 'passes' : 'fails too',
        ];
  const values = [invariant, scenario, formatCount(seeds), formatCount(otherwise), ...outcome];
  return row([bug, guarantees.join(' ')], values);
}

export function mutationRows({ mutation }: Inputs): Row[] {
  return mutationLines(mutation).map((line) => ({ key: line.slice(0, 12), line }));
}

/** All rows that come of these results one by one. */
export function rowsOf({ campaigns, searches, corpus, bugs }: Results): Row[] {
  return [
    ...campaigns.flatMap(({ singles }) => singles.map(singleRow)),
    ...searches.map(searchRow),
    ...corpus.map(corpusRow),
    ...bugs.map(bugRow),
  ];
}

export function code(text: string): string {
  return `\`${text}\``;
}
