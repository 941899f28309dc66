/** The runs of a campaign by index: which seed each has, and whether it is checked for determinism. */
import type { SimulateRun } from '../means.ts';
import { checkDeterminism, runSeed, type SeedResult } from '../seed/determinism-check.ts';
import { prepareScenario, type ScenarioSource, type SeedOptions } from '../seed/run-seed.ts';
import { isCheckedSeed, type SeedPlan, seedAt } from './seed-plan.ts';

/** What the runs of one campaign are made with. */
export interface CampaignSource extends ScenarioSource, SeedPlan {
  /** Runs of this shard; as many as there are seeds when only time ends it. */
  readonly runs: number;
  /** Every seed is checked for determinism. */
  readonly checksAll: boolean;
}

/** Makes run number `index`, in a worker thread or not, and checks it when its seed or the campaign says so. */
export function runIndex(
  source: CampaignSource,
  index: number,
  simulate: SimulateRun,
  onTrace?: SeedOptions['onTrace'],
): Promise<SeedResult> {
  const seed = seedAt(source, index);
  const prepared = prepareScenario(source, seed);
  // The first seed is always checked, so that a short campaign has a check too.
  const isChecked = source.checksAll || index === 0 || isCheckedSeed(seed);
  const make = isChecked ? checkDeterminism : runSeed;
  return make(source, seed, prepared, simulate, { watchdog: 'shared', onTrace });
}
