import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfMistake, timeoutMsFor } from '../property.ts';
import { racesProperty, shutdownProperty } from './property.ts';

test.each([racesProperty, shutdownProperty])(
  '$title',
  { timeout: timeoutMsFor(racesProperty.runs) },
  (property) => assertProperty(property),
);

describe('a race shows', () => {
  test.each([
    ['double-create', racesProperty, 'two managers of'],
    ['limit-check-then-act', racesProperty, 'has 3 managers'],
    ['close-during-auth', racesProperty, 'left: {"managers":1'],
    ['upgrade-reset', racesProperty, 'nobody caught Error: read ECONNRESET'],
    ['fallback-outside', racesProperty, 'an acquire gave another manager'],
    ['acquire-after-shutdown', shutdownProperty, 'was made after shutdown'],
    ['shutdown-hangs', shutdownProperty, 'took longer than'],
  ])('%s', async (bug, property, seen) => {
    const report = await reportOfMistake(property, bug);

    expect(report?.text ?? 'it holds').toContain(seen);
  });
});
