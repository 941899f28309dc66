/** A run that did not pass, as data and as the block of text that ends its report. */

import { replayCommand } from '../cli/commands.ts';
import type { Failure, Outcome } from '../run/outcome.ts';
import { formatCount, formatMs } from './format.ts';

/**
 * Everything about one failed run that a reader or a program needs to see it again. Not the stack: it differs with the
 * machine and with what called the run, and this does not. The replay prints it.
 */
export interface FailedRun extends Omit<Failure, 'stack'> {
  readonly seed: number;
  readonly scenario: string;
  readonly verdict: 'failed' | 'crashed';
  readonly digest: string;
  readonly replay: string;
}

/** The failure of `outcome`, or nothing when it passed. `replayed` is the command, where it is not the one of a seed. */
export function failedRun(
  outcome: Outcome,
  bug?: string,
  replayed?: string,
): FailedRun | undefined {
  if (outcome.verdict === 'passed') return undefined;
  const { seed, scenario, verdict, digest } = outcome;
  const replay =
    replayed ?? replayCommand({ seed, scenario, ...(bug === undefined ? {} : { bug }) });
  const { invariant, detail, atMs, event, lastEvent } = outcome.failure ?? unnamed;
  return { seed, scenario, verdict, invariant, detail, atMs, event, lastEvent, digest, replay };
}

/** What broke, when, the last event, how to see it again: in this order, the command last. */
export function failureText(failed: FailedRun, stack?: string): string[] {
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

// An outcome without a failure that is not a pass would be a defect of the engine; it must not read as a pass.
const unnamed: Failure = {
  invariant: 'a run that does not pass says why',
  detail: 'the outcome names no failure',
  atMs: 0,
  event: 0,
  lastEvent: 'unknown',
};
