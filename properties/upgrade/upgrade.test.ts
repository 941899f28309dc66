import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfBug, timeoutMsFor } from '../runner/property.ts';
import { upgradeProperty } from './property.ts';

test(upgradeProperty.title, { timeout: timeoutMsFor(upgradeProperty.runs) }, () =>
  assertProperty(upgradeProperty),
);

describe('the property of upgrades fails with the seeded bug', () => {
  test.each([
    ['upgrade-reset', 'an uncaught Error: read ECONNRESET'],
    ['close-during-auth', 'left: 1 managers'],
    ['truthy-is-true', 'managers made for'],
    ['bound-for-each', 'managers made for'],
    ['own-thread-asked', 'hooks that are asked'],
    ['answer-cut', 'bytes of'],
  ])('%s', async (bug, seen) => {
    const report = await reportOfBug(upgradeProperty, bug);

    expect(report?.text ?? 'it holds').toContain(seen);
  });
});
