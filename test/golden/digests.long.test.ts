/** The golden digest of the scenario that is too long for `digests.test.ts`: a day in the life of a server. */
import { expect, test } from 'vitest';
import { scenarios, simulate } from '../../sim/systems/registry/index.ts';

test('seed 7 of the scenario day has its committed digest', async () => {
  const day = scenarios.find(({ name }) => name === 'day');
  if (day === undefined) throw new Error('there is no scenario day');

  const { verdict, digest } = await simulate(day.make(7));

  expect(`${verdict} ${digest}`).toMatchInlineSnapshot(
    `"passed d5ae151b53292e45fd282800a16a04e381a8c2393fec56d0db3842eaf5253104"`,
  );
});
