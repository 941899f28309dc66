/** `simulate(scenario)` for the registry: a scenario in, an outcome out. */
import type { Outcome } from '../engine/outcome.ts';
import type { SimulateOptions } from '../engine/simulate.ts';
import { simulateSystem } from '../engine/simulate.ts';
import { libraryWith } from './bugs/library.ts';
import { registryInvariants } from './invariants/index.ts';
import type { RegistryScenario } from './scenario.ts';
import { RegistrySystem } from './system.ts';
import { assertRegistryScenario } from './validate.ts';

export async function simulate(
  scenario: RegistryScenario,
  options?: SimulateOptions,
): Promise<Outcome> {
  assertRegistryScenario(scenario);
  const library = await libraryWith(scenario.settings.bug);
  const system = new RegistrySystem(scenario, library);
  return simulateSystem({ scenario, system, invariants: registryInvariants }, options);
}
