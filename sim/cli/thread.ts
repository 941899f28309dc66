/** One thread of a campaign, from the inside: takes runs until there are no more, and posts what comes of them. */

import type { MessagePort } from 'node:worker_threads';
import type { RunPlan } from './command.ts';
import type { Lab } from './lab.ts';
import { isCheckedSeed, seedAt } from './seed-plan.ts';
import { Board, type ThreadResult, type ThreadWork } from './thread-work.ts';
import { runSeed, runSeedTwice } from './twice.ts';

/** Real milliseconds between two signs of life. */
const beatMs = 500;

// Taken before any run replaces them.
const { setInterval, clearInterval, setImmediate } = globalThis;

/** Ends when there is nothing more to take. Whatever a run throws is in its outcome. */
export async function workThrough(work: ThreadWork, port: MessagePort, lab: Lab): Promise<void> {
  const board = new Board(work.shared);
  const plan = planOf(work, lab);
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
      const index = board.take(work.slot, work.until);
      if (index === undefined) return;
      const result = await runIndex(work, plan, index, lab);
      port.postMessage({ index, ...result } satisfies ThreadResult);
      board.put(work.slot);
    }
  } finally {
    clearInterval(beats);
  }
}

/** A run as a campaign makes it, in a thread or not: twice, when its seed or the plan says so. */
export function runIndex(
  seeds: Pick<ThreadWork, 'seed' | 'shard'>,
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

function planOf({ scenario, bug, seed, checksAll }: ThreadWork, lab: Lab): RunPlan {
  const family = lab.scenarios.find(({ name }) => name === scenario);
  if (family === undefined) throw new Error(`a thread was asked for scenario '${scenario}'`);
  return { seed, family, checksAll, json: false, ...(bug === undefined ? {} : { bug }) };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
