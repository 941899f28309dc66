import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfBug, timeoutMsFor } from '../runner/property.ts';
import { racesProperty, shutdownProperty } from './property.ts';

// Not `test.each`, which cuts a long title short, and then it is not found by its name.
for (const property of [racesProperty, shutdownProperty]) {
  test(property.title, { timeout: timeoutMsFor(property.runs) }, () => assertProperty(property));
}

describe('races', () => {
  test.each([
    ['double-create', racesProperty, 'two managers of'],
    ['limit-check-then-act', racesProperty, 'has 3 managers'],
    ['close-during-auth', racesProperty, 'left: 1 managers'],
    ['upgrade-reset', racesProperty, 'an uncaught Error: read ECONNRESET'],
    ['fallback-outside', racesProperty, 'an acquire gave another manager'],
    ['acquire-after-shutdown', shutdownProperty, 'was made after shutdown'],
    ['shutdown-hangs', shutdownProperty, 'took longer than'],
  ])('a race shows the seeded bug %s', async (bug, property, seen) => {
    const report = await reportOfBug(property, bug);

    expect(report?.text ?? 'it holds').toContain(seen);
  });
});
