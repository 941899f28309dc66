/** Holds a report that is there against what is found now. Pure. */

import type { Inputs } from './inputs.ts';
import { sealOf } from './report.ts';
import type { Results } from './results.ts';
import { mutationRows, type Row, rowsOf, sourceRows, titleRow } from './rows.ts';

/** What the sources alone tell: a report on others is stale, and nothing need be run to see it. */
export function staleness(report: string, inputs: Inputs): string[] {
  return differences(report, [titleRow(inputs), ...sourceRows(inputs), ...mutationRows(inputs)]);
}

/** What runs tell, and whether anybody has changed the text since it was written. */
export function alterations(report: string, results: Results): string[] {
  const lines = linesOf(report);
  const seal = lines.at(-1) ?? '';
  const isSealed = seal === sealOf(lines.slice(0, -1));
  const found = differences(report, rowsOf(results));
  if (isSealed) return found;
  return [
    ...found,
    `line ${lines.length} seals another text than the one above it: it was edited after it was written`,
  ];
}

function differences(report: string, rows: readonly Row[]): string[] {
  const lines = linesOf(report);
  return rows.flatMap(({ key, line }) => {
    if (lines.includes(line)) return [];
    const index = lines.findIndex((one) => one.startsWith(key));
    const what = index < 0 ? 'a line is missing' : `line ${index + 1} differs: ${lines[index]}`;
    return [`${what}\n  now found: ${line}`];
  });
}

function linesOf(report: string): string[] {
  return report.replaceAll('\r\n', '\n').trimEnd().split('\n');
}
