/** Upgrades from clients that send anything, a few at a time: the long test draws more. */
import { expect, test } from 'vitest';
import { assertBatches } from '../runner/batch.ts';
import { reportOfBug, shortened, timeoutMsFor } from '../runner/property.ts';
import { upgradesProperty } from './upgrades-property.ts';

test(upgradesProperty.title, { timeout: timeoutMsFor() }, () =>
  assertBatches(shortened(upgradesProperty)),
);

test.each([
  ['upgrade-reset', 'no error is left uncaught'],
  ['close-during-auth', 'nothing is left when the last client has disconnected'],
  ['counter-drift', 'counters always equal the emitted events'],
])(
  'the seeded bug %s breaks the property of hostile upgrades and shrinks to one upgrade',
  async (bug, seen) => {
    const { text: report = 'it holds' } = (await reportOfBug(upgradesProperty, bug, 20)) ?? {};

    expect(report).toContain(`seen:      ${seen}`);
    expect(report.match(/^ {2}input:/gm)).toHaveLength(1);
    expect(report).toMatch(
      /replay: {4}LEAKTIGHT_SEED=-?\d+ LEAKTIGHT_PATH=[\d:]+ LEAKTIGHT_BUG=\S+ npm run properties/,
    );
  },
);
