/** A scenario as one list of steps, actions first. Passes drop steps from this list. */

import type { Step } from '../../run/scenario-shape.ts';
import type { Fault } from '../../scenario/fault.ts';
import type { Action, Scenario } from '../../scenario/scenario.ts';

export function stepsOf({ actions, faults }: Scenario): readonly Step[] {
  return [...actions, ...faults];
}

/** The scenario with only the given steps, by their position in `stepsOf`. */
export function keepSteps(
  scenario: Scenario,
  keeps: (step: Step, index: number) => boolean,
): Scenario {
  const { actions, faults } = scenario;
  return {
    ...scenario,
    actions: actions.filter((action, index) => keeps(action, index)),
    faults: faults.filter((fault, index) => keeps(fault, actions.length + index)),
  };
}

export function withAction(scenario: Scenario, index: number, action: Action): Scenario {
  return { ...scenario, actions: scenario.actions.with(index, action) };
}

export function withFault(scenario: Scenario, index: number, fault: Fault): Scenario {
  return { ...scenario, faults: scenario.faults.with(index, fault) };
}

export function withoutFault(scenario: Scenario, index: number): Scenario {
  return { ...scenario, faults: scenario.faults.toSpliced(index, 1) };
}
