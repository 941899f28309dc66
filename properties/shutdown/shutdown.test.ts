import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfBug, timeoutMsFor } from '../runner/property.ts';
import { shutdownProperty } from './property.ts';

test(shutdownProperty.title, { timeout: timeoutMsFor(shutdownProperty.runs) }, () =>
  assertProperty(shutdownProperty),
);

describe('the property of a shutdown fails with the seeded bug', () => {
  test.each([
    ['shutdown-hangs', 'it has not settled'],
    ['acquire-after-shutdown', 'was given a manager after the shutdown'],
    ['sockets-left-open', 'code that'],
    ['anteroom-forgotten', 'which was not connected, is coming'],
    ['batches-forgotten', 'it has not settled'],
    ['haste-ignored', 'it has not settled'],
    ['no-time-takes-time', 'it has not settled'],
  ])('%s', async (bug, seen) => {
    const report = await reportOfBug(shutdownProperty, bug);

    expect(report?.text ?? 'it holds').toContain(seen);
  });
});
