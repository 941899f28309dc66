/** A run that did not pass, as data. */
import type { Failure, Outcome } from '../../run/outcome.ts';

/**
 * What a reader or a program needs to know of one failed run. Not the stack: it differs with the machine and with what
 * called the run, and this does not.
 */
export interface FailedRun extends Omit<Failure, 'stack'> {
  readonly seed: number;
  readonly scenario: string;
  readonly verdict: 'failed' | 'crashed';
  readonly digest: string;
}

/** The failure of `outcome`, or nothing when it passed. */
export function failedRun(outcome: Outcome): FailedRun | undefined {
  if (outcome.verdict === 'passed') return undefined;
  const { seed, scenario, verdict, digest } = outcome;
  const { invariant, detail, atMs, event, lastEvent } = outcome.failure ?? unnamed;
  return { seed, scenario, verdict, invariant, detail, atMs, event, lastEvent, digest };
}

// An outcome without a failure that is not a pass would be a defect of the engine; it must not read as a pass.
const unnamed: Failure = {
  invariant: 'a run that does not pass says why',
  detail: 'the outcome names no failure',
  atMs: 0,
  event: 0,
  lastEvent: 'unknown',
};
