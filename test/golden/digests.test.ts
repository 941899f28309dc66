/**
 * The digest of some thirty runs, as committed. A change that is meant to change nothing leaves this file's snapshot as it
 * is. A change of what is digested says so in the changelog and updates it: `npx vitest run test/golden -u`.
 */
import { expect, test } from 'vitest';
import { scenarios, simulate } from '../../sim/systems/registry/index.ts';
import { priorities, small } from '../../sim/systems/registry/small-universe/index.ts';

/**
 * Seeds by scenario. Together they reach every `sometimes` state and every fault class that 250 runs of all scenarios
 * reach, `day` apart. `day` takes a minute and has a golden digest of its own among the long tests.
 */
const seeds: Readonly<Record<string, readonly number[]>> = {
  swarm: [1, 2, 21, 37, 42, 4711],
  'multi-tab': [5],
  'cold-start': [8],
  reconnect: [3],
  'context-mismatch': [1],
  'cleanup-race': [1, 2],
  'container-restart': [1, 4],
  emergency: [1, 5],
  'slow-reader': [9],
  'hostile-client': [1, 9],
  'laptop-lid': [11],
  'rolling-deploy': [6],
  'event-loop-stall': [4],
  'clock-jump': [9],
  'zombie-proxy': [1, 3],
  priorities: [4],
  small: [4],
};

test('the committed seeds have their committed digests', async () => {
  const lines: string[] = [];
  for (const family of [...scenarios, priorities, small]) {
    for (const seed of seeds[family.name] ?? []) {
      const { verdict, digest } = await simulate(family.make(seed));
      lines.push(`${family.name} ${seed} ${verdict} ${digest}`);
    }
  }

  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('digests.txt');
});

test('every scenario but the long one has a committed seed', () => {
  const names = [...scenarios, priorities, small].map(({ name }) => name);

  expect(Object.keys(seeds).toSorted()).toEqual(names.filter((name) => name !== 'day').toSorted());
});
