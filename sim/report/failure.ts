/** The block of text that ends the report of a run that did not pass. */
import type { FailedRun } from '../search/seed/failed-run.ts';
import { formatCount, formatMs } from './format.ts';

/** A failed run with the command that makes it again. */
export type ReplayableFailure = FailedRun & { readonly replay: string };

/** What broke, when, the last event, how to see it again: in this order, the command last. */
export function failureText(failed: ReplayableFailure, stack?: string): string[] {
  const lines = [
    `${failed.verdict.toUpperCase()} seed=${failed.seed} scenario=${failed.scenario} event=${failed.event}`,
    `  invariant:  ${failed.invariant}`,
    `  detail:     ${continued(failed.detail)}`,
    `  at:         ${formatMs(failed.atMs)} (${formatCount(failed.atMs)} ms of virtual time)`,
    `  last event: ${failed.event} ${continued(failed.lastEvent)}`,
  ];
  if (stack !== undefined) lines.push(`  stack:      ${continued(stack)}`);
  lines.push(`  digest:     ${failed.digest}`, `  replay:     ${failed.replay}`);
  return lines;
}

/** Several lines stay under the first one. */
function continued(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n              ');
}
