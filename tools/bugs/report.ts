/** What the hunts for all seeded bugs came to, as a table and as totals. Pure. */

import { formatCount, formatMs, formatNumber, formatTable } from '../../sim/report/format.ts';
import type { HuntResult } from './hunt.ts';

export interface BugsTotals {
  readonly bugs: number;
  readonly caught: number;
  /** Of those that were caught. */
  readonly medianFoundMs: number;
  /** Actions and faults that are left, of those that were caught. */
  readonly medianSteps: number;
  readonly huntResults: readonly HuntResult[];
}

const targets = { medianSteps: 8, medianFoundMs: 1_000 } as const;

export function totalsOf(huntResults: readonly HuntResult[]): BugsTotals {
  const caught = huntResults.filter(isCaught);
  return {
    bugs: huntResults.length,
    caught: caught.length,
    medianFoundMs: median(caught.map(({ foundMs }) => foundMs)),
    medianSteps: median(caught.map(stepsOf)),
    huntResults,
  };
}

/** 0 when each bug was caught, and 1 when one was not. */
export function exitCodeOf({ bugs, caught }: BugsTotals): 0 | 1 {
  return caught === bugs ? 0 : 1;
}

/** Caught by its own invariant, in a scenario that the code as it ships passes. */
function isCaught({ found }: HuntResult): boolean {
  return found?.passesWithout === true;
}

export function bugsText(totals: BugsTotals): string[] {
  const { bugs, caught, medianFoundMs, medianSteps, huntResults } = totals;
  const header = [
    'bug',
    'caught by',
    'seed',
    'found in',
    'steps',
    'of',
    'shrunk in',
    'on the code',
  ];
  return [
    ...formatTable([header, ...huntResults.map(row)], {
      align: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
    }),
    '',
    `${caught} of ${bugs} caught by their own invariant`,
    `  median time to find:  ${formatMs(medianFoundMs)} (target: ${formatMs(targets.medianFoundMs)})`,
    `  median steps left:    ${formatNumber(medianSteps)} (target: ${targets.medianSteps})`,
  ];
}

function row({
  bug,
  invariant,
  seeds,
  otherwise,
  wrongFailure,
  foundMs,
  found,
}: HuntResult): string[] {
  if (wrongFailure !== undefined)
    return [bug, `BROKE ANOTHER: seed ${wrongFailure.seed} failed with ${wrongFailure.invariant}`];
  if (found === undefined) {
    const others = otherwise === 0 ? '' : `, ${otherwise} broke a forerunner`;
    return [bug, `NOT FOUND: ${invariant} in ${formatCount(seeds)} seeds${others}`];
  }
  const { seed, from, shrinkRuns, isMinimal, passesWithout } = found;
  return [
    bug,
    invariant,
    String(seed),
    formatMs(Math.round(foundMs)),
    String(found.actions + found.faults),
    formatCount(from),
    `${formatCount(shrinkRuns)}${isMinimal ? '' : '+'} runs`,
    passesWithout ? 'passes' : 'FAILS TOO',
  ];
}

function stepsOf({ found }: HuntResult): number {
  return (found?.actions ?? 0) + (found?.faults ?? 0);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
