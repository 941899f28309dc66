/** Passes that drop steps: those after the failure, all steps of an owner, single steps. */

import type { ScenarioShape } from '../../run/scenario-shape.ts';
import type { Action } from '../../scenario/scenario.ts';
import { ddmin } from './ddmin.ts';
import type { Search } from './search.ts';
import { keepSteps, stepsOf } from './steps.ts';

/** Steps after the failure are irrelevant. */
export async function cutAfterFailure(search: Search): Promise<void> {
  const { best, outcome } = search;
  const endMs = outcome.failure?.atMs ?? best.durationMs;
  if (endMs >= best.durationMs) return;
  await search.try({
    ...keepSteps(best, ({ atMs }) => atMs <= endMs),
    // The moment at which faults stop must stay behind it.
    durationMs: endMs + 1,
  });
}

/**
 * Drops all expectations. Returns whether the invariant still breaks without them: if not, the failure depends on an
 * expectation.
 */
export async function dropExpectations(
  search: Search,
  scenarioShape: ScenarioShape,
): Promise<boolean> {
  const expectations = search.best.actions.filter((action) => scenarioShape.isExpectation(action));
  const left = await ddmin(expectations, (some) => {
    const kept = new Set(some);
    const keeps = (action: Action) => !scenarioShape.isExpectation(action) || kept.has(action);
    return search.try({ ...search.best, actions: search.best.actions.filter(keeps) });
  });
  return left.length === 0;
}

export async function dropOwners(search: Search, scenarioShape: ScenarioShape): Promise<void> {
  for (let level = 0; ; level += 1) {
    const ownersOf = (step: Parameters<ScenarioShape['ownersOf']>[0]) =>
      scenarioShape.ownersOf(step)[level];
    const owners = [...new Set(stepsOf(search.best).map(ownersOf))].filter(
      (owner) => owner !== undefined,
    );
    if (owners.length === 0) return;
    await ddmin(owners, (left) =>
      search.try(
        keepSteps(search.best, (step) => {
          const owner = ownersOf(step);
          return owner === undefined || left.includes(owner);
        }),
      ),
    );
  }
}

/** It drops all faults first: most often none of them matters. */
export async function dropSteps(search: Search): Promise<void> {
  await search.try({ ...search.best, faults: [] });
  await ddmin(stepsOf(search.best), (left) => {
    const kept = new Set(left);
    return search.try(keepSteps(search.best, (step) => kept.has(step)));
  });
}
