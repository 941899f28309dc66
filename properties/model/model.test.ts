import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfBug, runFixed, timeoutMsFor } from '../runner/property.ts';
import type { Model } from './model.ts';
import { modelProperty, modelPropertySeenBy } from './property.ts';

test(modelProperty.title, { timeout: timeoutMsFor(modelProperty.runs) }, () =>
  assertProperty(modelProperty),
);

/** States worth reaching, each in one of twenty runs at least. */
const reached = {
  'a limit is refused': ({ stats }: Model) => (stats.limitsReached ?? 0) > 0,
  'an outbox is replayed': ({ stats }: Model) => (stats.messagesReplayed ?? 0) > 0,
  'a message is given up': ({ stats }: Model) => (stats.messagesDropped ?? 0) > 0,
  'a manager goes while others stay': ({ stats, isShut }: Model) =>
    !isShut && (stats.managersRemoved ?? 0) > 0 && (stats.managers ?? 0) > 0,
  'a client comes after a shutdown': ({ stats, isShut }: Model) =>
    isShut && (stats.upgradesRefused ?? 0) > (stats.limitsReached ?? 0),
};

test('the drawn commands reach every state that is worth reaching', async () => {
  const models: Model[] = [];
  await runFixed(modelPropertySeenBy((model) => models.push(model)));

  for (const [state, isReached] of Object.entries(reached)) {
    expect(models.filter(isReached).length, state).toBeGreaterThanOrEqual(5);
  }
});

describe('the model and the registry differ with the seeded bug', () => {
  test.each([
    'disconnect-keeps-manager',
    'tab-closes-thread',
    'outbox-lost',
    'counter-drift',
    'acquire-after-shutdown',
    'limit-check-then-act',
    'evict-oldest-half',
    'key-per-message',
    'successor-deleted',
  ])('%s', async (bug) => {
    const report = await reportOfBug(modelProperty, bug);
    const [, commands = ''] = report?.inputs ?? [];

    expect(report?.text).toContain('FAILED');
    expect(commands.split(',').length).toBeLessThanOrEqual(6);
  });
});
