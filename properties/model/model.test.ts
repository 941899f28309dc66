import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfMistake, timeoutMsFor } from '../property.ts';
import { modelProperty } from './property.ts';

test(modelProperty.title, { timeout: timeoutMsFor(modelProperty.runs) }, () =>
  assertProperty(modelProperty),
);

describe('the model notices', () => {
  test.each([
    'disconnect-keeps-manager',
    'tab-closes-thread',
    'outbox-lost',
    'counter-drift',
    'acquire-after-shutdown',
    'limit-check-then-act',
    'evict-oldest-half',
    'key-per-message',
  ])('%s', async (bug) => {
    const report = await reportOfMistake(modelProperty, bug);

    expect(report).toBeDefined();
  });
});
