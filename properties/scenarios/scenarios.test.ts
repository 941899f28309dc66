/** What is claimed of the registry, over random interleavings of visits, messages, crashes, faults and restarts. */
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../sim/run/outcome.ts';
import { runsFromEnvironment } from '../runner/environment.ts';
import { timeoutMsFor } from '../runner/property.ts';
import { assertClaim, type Contradiction, checkClaim, reportOf } from './property.ts';

const leaks: Contradiction = ({ failure }) => failure?.detail;

/** A claim about scenarios says nothing of a state that none of them reaches. */
const worthReaching = [
  'a limit was refused',
  'a manager went after its grace',
  'an emergency cleanup removed a dead manager',
  'a proactive cleanup ended: done',
  'a drain ended by itself',
  'an emergency cleanup ended: full',
  'an emergency cleanup ended: room',
  'an outbox was replayed',
  'an upgrade died at the door',
];

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

/** The first claim asks every invariant; the others say two of them on scenarios of their own. */
const fewer = { numRuns: runsFromEnvironment(50) };

describe('the registry, whatever clients and crashes do', () => {
  test('no manager leaks and every invariant holds', { timeout: timeoutMsFor() }, () =>
    assertClaim('no manager leaks', leaks),
  );

  test('isolation keys match from creation to cleanup', { timeout: timeoutMsFor() }, () =>
    assertClaim('isolation keys match', keysPart, fewer),
  );

  test('emergency cleanup completes within 10 simulated seconds', { timeout: timeoutMsFor() }, () =>
    assertClaim('emergency cleanup completes', emergencyOutlasts, fewer),
  );
});

// With a fixed seed: what is reached, and whether a mistake is found, must not be left to chance.
test('the scenarios come to what is worth reaching', async () => {
  const reached = new Set<string>();
  const note: Contradiction = (outcome) => {
    for (const state of Object.keys(outcome.reached)) reached.add(state);
    return leaks(outcome);
  };
  const details = await checkClaim(note, { bug: null, numRuns: 150, seed: 42 });

  expect(details.failed).toBe(false);
  expect(worthReaching.filter((state) => !reached.has(state))).toEqual([]);
});

describe('the claims can fail', () => {
  test.each([
    ['disconnect-keeps-manager', leaks, 'an empty manager goes after its grace'],
    ['issue-108', keysPart, 'isolation keys match from creation to cleanup'],
    ['emergency-unbounded', emergencyOutlasts, 'an emergency cleanup ends within its deadline'],
  ] as const)(
    '%s breaks one, and shrinks to a few steps',
    async (bug, contradiction, invariant) => {
      const details = await checkClaim(contradiction, { bug, numRuns: 300, seed: 42 });
      const report = await reportOf('claim', details, contradiction, { bug });
      const steps = report.split('\n').filter((line) => line.startsWith('  step:'));

      expect(details.failed).toBe(true);
      expect(report).toContain(`invariant: ${invariant}`);
      expect(steps.length).toBeGreaterThan(0);
      expect(steps.length).toBeLessThanOrEqual(6);
      expect(report).toMatch(
        /replay: {4}LEAKTIGHT_SEED=-?\d+ LEAKTIGHT_PATH=[\d:]+ LEAKTIGHT_BUG=\S+ npm run properties/,
      );
    },
  );
});
