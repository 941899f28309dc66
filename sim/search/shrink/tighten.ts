/** The pass that lowers limits: with a limit of two instead of twenty, a failure needs two owners instead of twenty. */

import type { ScenarioShape, Tightened } from '../../run/scenario-shape.ts';
import type { Search } from './search.ts';
import { keepSteps, stepsOf } from './steps.ts';

export async function tightenLimits(search: Search, scenarioShape: ScenarioShape): Promise<void> {
  const tighter = scenarioShape.tighterSettings(search.best.settings);
  for (const { settings } of tighter) {
    if (await search.try({ ...search.best, settings })) return;
  }
  for (const tightened of tighter) {
    if (await tightenWithFewer(search, scenarioShape, tightened)) return;
  }
}

/**
 * Candidates with as many fewer owners as the limit is lower, so that it is still reached: without the last, the first,
 * or the middle owners.
 */
async function tightenWithFewer(
  search: Search,
  scenarioShape: ScenarioShape,
  { settings, by }: Tightened,
): Promise<boolean> {
  const { best } = search;
  const smallest = (step: Parameters<ScenarioShape['ownersOf']>[0]) =>
    scenarioShape.ownersOf(step).at(-1);
  const owners = [...new Set(stepsOf(best).map(smallest))];
  const room = owners.length - by;
  if (room <= 0) return false;
  for (const start of new Set([room, 0, room >> 1])) {
    const dropped = owners.slice(start, start + by);
    const fewer = keepSteps(best, (step) => !dropped.includes(smallest(step)));
    if (await search.try({ ...fewer, settings })) return true;
  }
  return false;
}
