/** Properties of the registry over random interleavings of connections, messages, crashes, faults and restarts. */
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../sim/run/outcome.ts';
import { assertProperty, reportOfBug, runFixed, timeoutMsFor } from '../runner/property.ts';
import { type Contradiction, scenarioProperty } from './property.ts';

const leaks: Contradiction = ({ failure }) => failure?.detail;

/** A property of scenarios says nothing of a state that none of them reaches. */
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

const noLeak = scenarioProperty('no manager leaks', leaks);

/** The first property asks every invariant; the others ask some of them again, on scenarios of their own. */
const keysMatch = scenarioProperty('isolation keys match', keysPart, 50);
const emergencyEnds = scenarioProperty('emergency cleanup completes', emergencyOutlasts, 50);

describe('the registry, whatever clients and crashes do', () => {
  test('no manager leaks and every invariant holds', { timeout: timeoutMsFor() }, () =>
    assertProperty(noLeak),
  );

  test('isolation keys match from creation to cleanup', { timeout: timeoutMsFor() }, () =>
    assertProperty(keysMatch),
  );

  test('emergency cleanup completes within 10 simulated seconds', { timeout: timeoutMsFor() }, () =>
    assertProperty(emergencyEnds),
  );
});

// With a fixed seed: what is reached, and whether a bug is found, must not be left to chance.
test('the drawn scenarios reach the states that are worth reaching', async () => {
  const reached = new Set<string>();
  const note: Contradiction = (outcome) => {
    for (const state of Object.keys(outcome.reached)) reached.add(state);
    return leaks(outcome);
  };
  await runFixed(scenarioProperty('no manager leaks', note, 150));

  expect(worthReaching.filter((state) => !reached.has(state))).toEqual([]);
});

describe('a seeded bug breaks a property of all scenarios', () => {
  test.each([
    ['disconnect-keeps-manager', noLeak, 'an empty manager goes after its grace'],
    ['issue-108', keysMatch, 'isolation keys match from creation to cleanup'],
    ['emergency-unbounded', emergencyEnds, 'an emergency cleanup ends within its deadline'],
  ] as const)('%s is found and shrinks to a few steps', async (bug, property, invariant) => {
    const report = await reportOfBug(property, bug, 300);
    const text = report?.text ?? 'it holds';
    const steps = text.split('\n').filter((line) => line.startsWith('  step:'));

    expect(text).toContain(`invariant: ${invariant}`);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.length).toBeLessThanOrEqual(6);
    expect(text).toMatch(
      /replay: {4}LEAKTIGHT_SEED=-?\d+ LEAKTIGHT_PATH=[\d:]+ LEAKTIGHT_BUG=\S+ npm run properties/,
    );
  });
});
