/** States a property over all scenarios, and says of a counterexample which invariant broke, when and by which steps. */
import fc from 'fast-check';
import type { Outcome } from '../../sim/run/outcome.ts';
import type { RegistryScenario } from '../../sim/systems/registry/scenario.ts';
import { simulate } from '../../sim/systems/registry/simulate.ts';
import type { Property } from '../runner/property.ts';
import { scenarioArbitrary } from './scenario-arbitrary.ts';

/** What contradicts the property in an outcome, or `undefined`. */
export type Contradiction = (outcome: Outcome) => string | undefined;

/** @param runs How many scenarios are drawn if the environment does not say. */
export function scenarioProperty(
  title: string,
  contradiction: Contradiction,
  runs = 100,
): Property {
  return {
    title,
    runs,
    hasOwnSeed: true,
    over: ({ bug }) =>
      fc.asyncProperty(scenarioArbitrary, async (scenario) => {
        const detail = contradiction(await simulate(withBug(scenario, bug)));
        if (detail !== undefined) throw new Error(detail);
      }),
    async describe(counterexample, { bug }) {
      const scenario = counterexample as RegistryScenario;
      const outcome = await simulate(withBug(scenario, bug));
      const { actions, faults, settings } = scenario;
      return [
        `  seen:      ${contradiction(outcome) ?? 'not seen again: the run depends on something outside its scenario'}`,
        `  invariant: ${outcome.failure?.invariant ?? 'none'}`,
        `  at:        ${outcome.failure?.atMs ?? outcome.virtualMs} ms`,
        `  settings:  ${JSON.stringify({ seed: scenario.seed, ...settings })}`,
        ...[...actions, ...faults].map((step) => `  step:      ${JSON.stringify(step)}`),
      ];
    },
  };
}

function withBug(scenario: RegistryScenario, bug: string | null): RegistryScenario {
  return { ...scenario, settings: { ...scenario.settings, bug } };
}
