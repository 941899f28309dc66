/**
 * Turns a scenario that fails into the smallest one found that breaks the same invariant. Deterministic: the result
 * depends only on the scenario, its runs, and the number of allowed runs.
 */

import { isOfRealTime } from '../../run/invariant.ts';
import type { Outcome } from '../../run/outcome.ts';
import type { ScenarioShape } from '../../run/scenario-shape.ts';
import type { Fault } from '../../scenario/fault.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { cutAfterFailure, dropExpectations, dropOwners, dropSteps } from './drop.ts';
import { Search, type Seen, type Simulate } from './search.ts';
import { stepsOf, withoutFault } from './steps.ts';
import { tightenLimits } from './tighten.ts';
import { closeGaps, sortByTime } from './time.ts';
import { simplifyActions, simplifyFaults, simplifyNetwork, simplifySettings } from './values.ts';

export interface ShrinkOptions {
  readonly simulate: Simulate;
  readonly scenarioShape: ScenarioShape;
  /** Most runs that it may take. @default 500 */
  readonly runsMax?: number | undefined;
  /** Called before each run: returns whether to stop. The best scenario found by then is kept. */
  readonly isStopped?: (() => boolean | Promise<boolean>) | undefined;
}

export interface Size {
  readonly actions: number;
  readonly faults: number;
  /** The owners of its steps: see `ScenarioShape.ownersOf`. */
  readonly owners: number;
  readonly durationMs: number;
}

/** A fault of the shrunk scenario, and the result of a run without it. */
export interface Cause {
  readonly fault: Fault;
  /** Absent when the runs were used up before that run. */
  readonly without?: Seen;
}

export interface Shrunk {
  readonly scenario: Scenario;
  readonly outcome: Outcome;
  readonly runs: number;
  /**
   * Why it is not smaller: `nothing simpler fails` (each step was dropped once more, and every value tried),
   * `the runs are used up`, `it was interrupted`, or that it must not be shrunk.
   */
  readonly ended: Ended;
  readonly before: Size;
  readonly after: Size;
  readonly causes: readonly Cause[];
  /** Whether it has a seeded bug and passes without. */
  readonly isDueToBug: boolean;
}

export type Ended =
  | 'nothing simpler fails'
  | 'the runs are used up'
  | 'it was interrupted'
  | 'what it expects is about all of it'
  | 'real time decides whether it hangs';

export const defaultShrinkRuns = 500;

/**
 * @param outcome The outcome of a run of `scenario`, which must have failed.
 * @throws {RangeError} when it passed. There is nothing to shrink then.
 */
export async function shrink(
  scenario: Scenario,
  outcome: Outcome,
  { simulate, scenarioShape, runsMax = defaultShrinkRuns, isStopped }: ShrinkOptions,
): Promise<Shrunk> {
  const { failure } = outcome;
  if (failure === undefined) throw new RangeError('a scenario that passes cannot be shrunk');
  const isBug = scenarioShape.bugOf(scenario) !== null;
  const control = (candidate: Scenario) => scenarioShape.withBug(candidate, null);
  // If it fails without its bug too, the bug cannot be isolated.
  const hasControl = isBug && (await simulate(control(scenario))).failure === undefined;
  const search = new Search(scenario, outcome, failure, {
    simulate,
    check: scenarioShape.check,
    runsMax,
    ...(isStopped === undefined ? {} : { isStopped }),
    ...(hasControl ? { control } : {}),
  });
  search.runs = isBug ? 1 : 0;
  const kept = await takeApart(search, scenarioShape, failure.invariant, hasControl);
  const { best } = search;
  return {
    scenario: best,
    outcome: search.outcome,
    runs: search.runs,
    ended: kept ?? endedOf(search),
    before: sizeOf(scenario, scenarioShape),
    after: sizeOf(best, scenarioShape),
    isDueToBug: hasControl,
    causes: best.faults.map((fault, index) => {
      const without = search.seen(withoutFault(best, index));
      return { fault, ...(without === undefined ? {} : { without }) };
    }),
  };
}

/** Returns why it was not shrunk, if it was not. */
async function takeApart(
  search: Search,
  scenarioShape: ScenarioShape,
  invariant: string,
  hasControl: boolean,
): Promise<Ended | undefined> {
  if (isOfRealTime(invariant)) return 'real time decides whether it hangs';
  await cutAfterFailure(search);
  const isFree = await dropExpectations(search, scenarioShape);
  // With a control, a run without the bug shows whether an expectation still makes sense.
  if (!isFree && !hasControl && !search.isOver) return 'what it expects is about all of it';
  for (let before: Scenario | undefined; before !== search.best && !search.isOver; ) {
    before = search.best;
    await dropWithTighterLimits(search, scenarioShape);
    await drop(search, scenarioShape);
    await simplifyNetwork(search);
    await simplifySettings(search, scenarioShape);
    await simplifyActions(search, scenarioShape);
    await simplifyFaults(search);
    await sortByTime(search);
    await closeGaps(search);
    await cutAfterFailure(search);
  }
  return undefined;
}

async function drop(search: Search, scenarioShape: ScenarioShape): Promise<void> {
  await dropOwners(search, scenarioShape);
  await dropSteps(search);
}

/** A lower limit is one more setting to read: it is kept only if it allows dropping steps. */
async function dropWithTighterLimits(search: Search, scenarioShape: ScenarioShape): Promise<void> {
  const { best } = search;
  const takeBack = search.mark();
  await tightenLimits(search, scenarioShape);
  if (search.best === best) return;
  await drop(search, scenarioShape);
  if (stepsOf(search.best).length === stepsOf(best).length) takeBack();
}

function endedOf(search: Search): Ended {
  if (search.isStopped) return 'it was interrupted';
  return search.isOver ? 'the runs are used up' : 'nothing simpler fails';
}

function sizeOf(scenario: Scenario, scenarioShape: ScenarioShape): Size {
  return {
    actions: scenario.actions.length,
    faults: scenario.faults.length,
    owners: new Set(stepsOf(scenario).flatMap((step) => scenarioShape.ownersOf(step))).size,
    durationMs: scenario.durationMs,
  };
}
