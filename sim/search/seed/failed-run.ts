/** A run that did not pass, as data. */
import type { Failure, Outcome } from '../../run/outcome.ts';

/**
 * What a reader or a program needs to know about one failed run. It has no stack, which depends on the machine and the
 * caller of the run.
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

// An outcome that neither passed nor has a failure is a defect of the engine, and must not count as passed.
const unnamed: Failure = {
  invariant: 'a run that does not pass has a failure',
  detail: 'the outcome names no failure',
  atMs: 0,
  event: 0,
  lastEvent: 'unknown',
};
