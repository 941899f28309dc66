/** The properties over all scenarios with all of their runs, the states that those reach, and seeded bugs they find. */
import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfBug, runFixed, timeoutMsFor } from '../runner/property.ts';
import { type Contradiction, scenarioProperty } from './property.ts';
import { emergencyEnds, keysMatch, leaks, noLeak } from './registry-properties.ts';

/** A property of scenarios says nothing of a state that none of them reaches. */
const worthReaching = [
  'an acquire was refused at the limit',
  'a manager was removed after its grace period',
  'an emergency cleanup removed a dead manager',
  'a proactive cleanup ended: done',
  'a drain ended by itself',
  'an emergency cleanup ended: full',
  'an emergency cleanup ended: room',
  'an outbox was replayed',
  'a socket closed during its upgrade',
];

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
    ['disconnect-keeps-manager', noLeak, 'an empty manager is removed after its grace period'],
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
