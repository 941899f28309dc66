/** Which seeds a campaign is made of, and which of them a shard takes. */

import { createHash } from 'node:crypto';

/** Part `index` of `count`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const wholeCampaign: Shard = { index: 1, count: 1 };

export interface SeedPlan {
  /** The first seed of the campaign, whatever the shard. */
  readonly seed: number;
  readonly shard: Shard;
}

/** The seed of a shard's run number `index`, counted from 0. A shard takes every `count`th seed. */
export function seedAt({ seed, shard }: SeedPlan, index: number): number {
  return seed + shard.index - 1 + index * shard.count;
}

/** Run number `index` of several campaigns made one after the other: which of them it belongs to, and its number there. */
export function campaignAt<Plan extends { readonly runs: number }>(
  plans: readonly Plan[],
  index: number,
): { readonly plan: Plan; readonly index: number } {
  let before = 0;
  for (const plan of plans) {
    if (index - before < plan.runs) return { plan, index: index - before };
    before += plan.runs;
  }
  throw new RangeError(`there is no run ${index}, only ${before}`);
}

/** How many of a campaign's `runs` are this shard's. */
export function runsOfShard({ index, count }: Shard, runs: number): number {
  return Math.max(0, Math.ceil((runs - index + 1) / count));
}

export function formatShard({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/** One seed in this many is checked for determinism. */
const seedsPerCheck = 100;

/** Whether the seed itself says that it is checked for determinism: the same ones on every machine and in every campaign. */
export function isCheckedSeed(seed: number): boolean {
  const hash = createHash('sha256').update(`run twice: ${seed}`).digest();
  return hash.readUInt32BE(0) % seedsPerCheck === 0;
}
