import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfBug, timeoutMsFor } from '../runner/property.ts';
import { outboxProperty } from './property.ts';

test(outboxProperty.title, { timeout: timeoutMsFor(outboxProperty.runs) }, () =>
  assertProperty(outboxProperty),
);

describe('the property of waiting messages fails with the seeded bug', () => {
  test.each([
    ['outbox-lost', 'nothing waits for a connection that is there'],
    ['replayed-again', 'nothing waits for a connection that is there'],
    ['outbox-newest-first', 'heard'],
    ['age-forgotten', 'heard'],
    ['characters-counted', 'bytes that wait'],
    ['dropped-silently', 'messages dropped'],
  ])('%s', async (bug, seen) => {
    const report = await reportOfBug(outboxProperty, bug);

    expect(report?.text ?? 'it holds').toContain(seen);
  });
});
