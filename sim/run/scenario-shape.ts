/** What shrinking must know of a system's scenarios, beside what the engine knows of all: how they come apart. */

import type { Fault } from '../scenario/fault.ts';
import type { Action, Json, Scenario } from '../scenario/scenario.ts';

/** One thing that happens in a scenario, whoever does it. */
export type Step = Action | Fault;

/** Settings with a limit that is lower `by` so many. */
export interface Tightened {
  readonly settings: Json;
  readonly by: number;
}

export interface ScenarioShape {
  /** @throws when it is not a scenario of this system, naming the field and its value. */
  check(scenario: Scenario): void;
  /** The seeded bug that a scenario runs with, or `null`. */
  bugOf(scenario: Scenario): string | null;
  withBug(scenario: Scenario, bug: string | null): Scenario;
  /**
   * Whether an action only states what must be so at its moment. Such a statement is about all that came before it, so
   * it means nothing once some of that was dropped.
   */
  isExpectation(action: Action): boolean;
  /** Who takes part in a step, from the largest group to the smallest: a user, then his tab. */
  ownersOf(step: Step): readonly string[];
  /** The action, made simpler in one way each. */
  simplerActions(action: Action): readonly Action[];
  /** The settings with lower limits, the lowest first: a limit that is lower is met with fewer steps. */
  tighterSettings(settings: Json): readonly Tightened[];
  /** The settings, made simpler in one way each. */
  simplerSettings(settings: Json): readonly Json[];
}
