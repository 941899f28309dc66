/** The properties of the registry over all scenarios. */
import type { Outcome } from '../../sim/run/outcome.ts';
import { type Contradiction, scenarioProperty } from './property.ts';

export const leaks: Contradiction = ({ failure }) => failure?.detail;

const keysPart = (outcome: Outcome) =>
  brokenAmong(outcome, /^(an isolation key is|isolation keys match|identity is)/);

const emergencyOutlasts: Contradiction = (outcome) => {
  const longestMs = outcome.metrics.emergencyLongestMs ?? 0;
  if (longestMs > 10_000) return `an emergency cleanup took ${longestMs} ms`;
  return brokenAmong(outcome, /^(an emergency cleanup|every call settles)/);
};

/** Those invariants must have been asked, or nothing is shown. */
function brokenAmong(outcome: Outcome, names: RegExp): string | undefined {
  const asked = outcome.invariants.filter(({ name }) => names.test(name));
  if (asked.length === 0 || asked.some(({ checks }) => checks === 0))
    return `no invariant was asked that is named as ${names}`;
  return names.test(outcome.failure?.invariant ?? '') ? outcome.failure?.detail : undefined;
}

export const noLeak = scenarioProperty('no manager leaks', leaks);

/** The first property asks every invariant; the others ask some of them again, on scenarios of their own. */
export const keysMatch = scenarioProperty('isolation keys match', keysPart, 50);
export const emergencyEnds = scenarioProperty('emergency cleanup completes', emergencyOutlasts, 50);
