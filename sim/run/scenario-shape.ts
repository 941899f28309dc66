/** How the scenarios of a system come apart: what shrinking must know beside what is the same in all scenarios. */

import type { Fault } from '../scenario/fault.ts';
import type { Action, Json, Scenario } from '../scenario/scenario.ts';

/** One thing that happens in a scenario: an action of the system, or a fault. */
export type Step = Action | Fault;

/** Settings with a limit that is lower `by` so many. */
export interface Tightened {
  readonly settings: Json;
  readonly by: number;
}

export interface ScenarioShape {
  /** @throws when it is not a scenario of this system, naming the field and its value. */
  check(scenario: Scenario): void;
  /** What takes part in the steps, for a reader: `clients`. */
  readonly ownersLabel: string;
  /** The seeded bug that a scenario runs with, or `null`. */
  bugOf(scenario: Scenario): string | null;
  withBug(scenario: Scenario, bug: string | null): Scenario;
  /**
   * Whether an action only states what must be so at its moment. Such a statement is about all that came before it, so
   * it means nothing once some of that was dropped.
   */
  isExpectation(action: Action): boolean;
  /** What takes part in a step, from the largest group to the smallest: a group of clients, then one of them. */
  ownersOf(step: Step): readonly string[];
  /** The action, made simpler in one way each. */
  simplerActions(action: Action): readonly Action[];
  /** The settings with lower limits, the lowest first: a limit that is lower is met with fewer steps. */
  tighterSettings(settings: Json): readonly Tightened[];
  /** The settings, made simpler in one way each. */
  simplerSettings(settings: Json): readonly Json[];
}

/** The shape of scenarios whose actions and settings stay whole: only steps, times and the network become simpler. */
export const plainShape: Omit<ScenarioShape, 'check'> = {
  ownersLabel: 'clients',
  bugOf: () => null,
  withBug: (scenario) => scenario,
  isExpectation: () => false,
  ownersOf: () => [],
  simplerActions: () => [],
  tighterSettings: () => [],
  simplerSettings: () => [],
};
