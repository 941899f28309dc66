/** One thread of a campaign, from the inside: takes runs until there are no more, and posts what comes of them. */

import type { MessagePort } from 'node:worker_threads';
import type { Lab } from '../../cli/lab.ts';
import type { RunPlan } from '../../cli/parse-command.ts';
import { campaignAt, isCheckedSeed, type SeedPlan, seedAt } from '../campaign/seed-plan.ts';
import { runSeed, runSeedTwice } from '../seed/determinism-check.ts';
import { Board, type ThreadCampaign, type ThreadResult, type ThreadWork } from './board.ts';

/** Real milliseconds between two signs of life. */
const beatMs = 500;

// Taken before any run replaces them.
const { setInterval, clearInterval, setImmediate } = globalThis;

/** Ends when there is nothing more to take. Whatever a run throws is in its outcome. */
export async function workThrough(work: ThreadWork, port: MessagePort, lab: Lab): Promise<void> {
  const board = new Board(work.shared);
  const plans = work.campaigns.map((campaign) => planOf(campaign, lab));
  const until = plans.reduce((sum, { runs }) => sum + runs, 0);
  board.beat(work.slot);
  // The real interval goes off between two turns of the loop that drives a run, and touches nothing of it.
  const beats = setInterval(() => board.beat(work.slot), beatMs);
  try {
    for (;;) {
      if (board.isFarAhead()) {
        // Out of the turn that the last run ended in: its watchdog must not see this thread wait.
        await turn();
        while (board.isFarAhead()) board.waitForOthers(work.slot);
      }
      const index = board.take(work.slot, until);
      if (index === undefined) return;
      const run = campaignAt(plans, index);
      const result = await runIndex(run.plan, run.plan, run.index, lab);
      port.postMessage({ index, ...result } satisfies ThreadResult);
      board.put(work.slot);
    }
  } finally {
    clearInterval(beats);
  }
}

/** A run as a campaign makes it, in a thread or not: twice, when its seed or the plan says so. */
export function runIndex(
  seeds: SeedPlan,
  plan: RunPlan,
  index: number,
  lab: Lab,
  onTrace?: (record: object) => void,
): ReturnType<typeof runSeed> {
  const seed = seedAt(seeds, index);
  // The first one always: a campaign that is too short for one in so many is checked all the same.
  const isTwice = plan.checksAll || index === 0 || isCheckedSeed(seed);
  const options = { watchdog: 'shared', onTrace } as const;
  return isTwice ? runSeedTwice(plan, seed, lab, options) : runSeed(plan, seed, lab, options);
}

function planOf(campaign: ThreadCampaign, lab: Lab): RunPlan & ThreadCampaign {
  const family = lab.scenarios.find(({ name }) => name === campaign.scenario);
  if (family === undefined) {
    throw new Error(`a thread was asked for scenario '${campaign.scenario}'`);
  }
  return { ...campaign, family, json: false };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
