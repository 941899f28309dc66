/** The parts of a system's scenarios: what the shrinker must know about actions and settings of the system. */

import type { Fault } from '../scenario/fault.ts';
import type { Action, Json, Scenario } from '../scenario/scenario.ts';

/** One step of a scenario: an action of the system, or a fault. */
export type Step = Action | Fault;

/** Settings with a limit that is lower by `by`. */
export interface Tightened {
  readonly settings: Json;
  readonly by: number;
}

export interface ScenarioShape {
  /** @throws when it is not a scenario of this system, naming the field and its value. */
  check(scenario: Scenario): void;
  /** What the owners of steps are called in reports: `clients`. */
  readonly ownersLabel: string;
  /** The seeded bug that a scenario runs with, or `null`. */
  bugOf(scenario: Scenario): string | null;
  withBug(scenario: Scenario, bug: string | null): Scenario;
  /**
   * Whether an action only states what must hold at its moment. Such an expectation depends on all earlier steps, so it
   * means nothing once one of them is dropped.
   */
  isExpectation(action: Action): boolean;
  /** The owners of a step, from the largest group to the smallest: a group of clients, then one of them. */
  ownersOf(step: Step): readonly string[];
  /** Simpler versions of the action, each changed in one place. */
  simplerActions(action: Action): readonly Action[];
  /** The settings with lower limits, the lowest first: fewer steps reach a lower limit. */
  tighterSettings(settings: Json): readonly Tightened[];
  /** Simpler versions of the settings, each changed in one place. */
  simplerSettings(settings: Json): readonly Json[];
}

/**
 * The shape of scenarios whose actions and settings are never changed: only steps, times and the network become
 * simpler.
 */
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
