/**
 * Runs each seed twice in a row, then a hundred others, then each seed once more: all in one process. Prints the digests
 * as JSON. Called by `observe.ts`, on whatever version of Node that brings.
 */

import { scenarios, simulate } from '../../sim/systems/registry/index.ts';

const othersBetween = 100;

const [scenario = 'swarm', ...seeds] = process.argv.slice(2);
const family = scenarios.find(({ name }) => name === scenario);
if (family === undefined) throw new Error(`there is no scenario '${scenario}'`);

const seen: { seed: string; how: string; digest: string }[] = [];
const note = async (seed: string, how: string): Promise<void> => {
  const { digest } = await simulate(family.make(Number(seed)));
  seen.push({ seed, how, digest });
};
for (const seed of seeds) {
  await note(seed, 'once');
  await note(seed, 'again');
}
for (let other = 0; other < othersBetween; other += 1) await simulate(family.make(900_000 + other));
for (const seed of seeds) await note(seed, `after ${othersBetween} others`);
console.log(JSON.stringify(seen));
