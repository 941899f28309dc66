/** What is claimed of the registry, over random interleavings of connect, disconnect, message, crash and restart. */
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../sim/engine/outcome.ts';
import { assertClaim, type Contradiction, checkClaim, reportOf } from './claim.ts';
import { timeoutMsFor } from './property.ts';

const leaks: Contradiction = ({ failure }) => failure?.detail;

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
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every(({ checks }) => checks > 0)).toBe(true);
  return names.test(outcome.failure?.invariant ?? '') ? outcome.failure?.detail : undefined;
}

describe('the registry, whatever clients and crashes do', () => {
  test('no manager leaks and every invariant holds', { timeout: timeoutMsFor() }, () =>
    assertClaim('no manager leaks', leaks),
  );

  test('isolation keys match from creation to cleanup', { timeout: timeoutMsFor() }, () =>
    assertClaim('isolation keys match', keysPart),
  );

  test('emergency cleanup completes within 10 simulated seconds', { timeout: timeoutMsFor() }, () =>
    assertClaim('emergency cleanup completes', emergencyOutlasts),
  );
});

describe('the claims can fail', () => {
  test.each([
    ['disconnect-keeps-manager', leaks, 'an empty manager goes after its grace'],
    ['issue-108', keysPart, 'isolation keys match from creation to cleanup'],
    ['emergency-unbounded', emergencyOutlasts, 'an emergency cleanup ends within its deadline'],
  ] as const)(
    '%s breaks one, and shrinks to a few steps',
    async (bug, contradiction, invariant) => {
      const details = await checkClaim(contradiction, { bug, numRuns: 300 });
      const report = await reportOf('claim', details, contradiction, { bug });
      const steps = report.split('\n').filter((line) => line.startsWith('  step:'));

      expect(details.failed).toBe(true);
      expect(report).toContain(`invariant: ${invariant}`);
      expect(steps.length).toBeGreaterThan(0);
      expect(steps.length).toBeLessThanOrEqual(8);
      expect(report).toMatch(
        /replay: {4}LEAKTIGHT_SEED=-?\d+ LEAKTIGHT_PATH=[\d:]+ npm run properties/,
      );
    },
  );
});
