/** Passes that shorten the waits between steps. The order of the steps does not change. */

import type { Scenario } from '../../scenario/scenario.ts';
import type { Search } from './search.ts';
import { simplerNumbers } from './values.ts';

/** Sorts the actions by time, for the reader. */
export async function sortByTime(search: Search): Promise<void> {
  const { best } = search;
  const byTime = (a: { readonly atMs: number }, b: { readonly atMs: number }) => a.atMs - b.atMs;
  const sorted = {
    ...best,
    actions: best.actions.toSorted(byTime),
    faults: best.faults.toSorted(byTime),
  };
  await search.try(sorted);
}

/** Shortens the wait between each moment and the next as far as possible. The last moment is the end. */
export async function closeGaps(search: Search): Promise<void> {
  for (let index = 0; ; index += 1) {
    const moments = momentsOf(search.best);
    const moment = moments[index];
    if (moment === undefined || search.isOver) return;
    const before = moments[index - 1] ?? 0;
    for (const gap of simplerGaps(moment - before)) {
      if (await search.try(moveFrom(search.best, moment, before + gap - moment))) break;
    }
  }
}

/** Step sizes of a coarse search, for waits of seconds, minutes and hours. */
const coarse = [0, 1, 10, 100, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000];

function simplerGaps(gap: number): readonly number[] {
  const shorter = new Set([...coarse, ...simplerNumbers(gap), gap >> 1]);
  return [...shorter].filter((ms) => ms < gap && ms >= 0).sort((a, b) => a - b);
}

function momentsOf({ actions, faults, durationMs }: Scenario): readonly number[] {
  const times = [...actions, ...faults].map(({ atMs }) => atMs);
  return [...new Set([...times, durationMs])].sort((a, b) => a - b);
}

function moveFrom(scenario: Scenario, fromMs: number, byMs: number): Scenario {
  const moved = (atMs: number) => (atMs >= fromMs ? atMs + byMs : atMs);
  return {
    ...scenario,
    actions: scenario.actions.map((action) => ({ ...action, atMs: moved(action.atMs) })),
    faults: scenario.faults.map((fault) => ({ ...fault, atMs: moved(fault.atMs) })),
    durationMs: moved(scenario.durationMs),
  };
}
