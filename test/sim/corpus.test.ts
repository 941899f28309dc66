/** Scenarios that once failed. Each must pass for ever; one that the code no longer understands must not pass silently. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { replayFile } from '../../sim/replay.ts';
import { readRegistryScenario } from '../../sim/systems/registry/replay.ts';

const folder = new URL('../../sim/corpus/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe('the corpus of scenarios that once failed', () => {
  test('the corpus of scenarios that once failed has entries', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  test.each(files)('%s passes', async (name) => {
    const file = new URL(name, folder);
    expect(readRegistryScenario(file).settings.bug, 'is about the code that ships').toBeNull();

    const { outcome } = await replayFile(file);

    expect(outcome.failure).toBeUndefined();
    expect(outcome.verdict).toBe('passed');
  });
});

describe('an entry of the corpus fails with the seeded bug that it is about', () => {
  test.each([
    ['probe-behind-backlog.json', 'backlog-is-death', 'a cleanup spares peers that answer'],
    [
      'emergency-beside-proactive.json',
      'closing-not-awaited',
      'an emergency cleanup leaves no dead manager',
    ],
    [
      'newcomer-after-a-long-sleep.json',
      'account-given-up',
      'a manager that holds a slot is found under its key',
    ],
    [
      'drain-beside-an-emergency.json',
      'emergency-in-the-drain',
      'no connection is terminated before the drain is over',
    ],
  ])('%s with %s', async (name, bug, invariant) => {
    const { outcome } = await replayFile(new URL(name, folder), { bug });

    expect(outcome.failure?.invariant).toBe(invariant);
  });
});
