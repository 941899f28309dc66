/** `simulate(scenario)` for the registry: a scenario in, an outcome out. */
import type { Outcome } from '../../run/outcome.ts';
import type { SimulateOptions } from '../../run/simulate.ts';
import { simulateSystem } from '../../run/simulate.ts';
import { unlessStopped } from '../../run/unless-stopped.ts';
import { libraryWith } from './bugs/library.ts';
import { registryInvariants } from './invariants/index.ts';
import type { RegistryScenario } from './scenario.ts';
import { RegistrySystem } from './system.ts';
import { assertRegistryScenario } from './validate.ts';

export interface RegistrySimulateOptions extends SimulateOptions {
  /** The process was stopped, so the run is made anew: what was traced of it is void. */
  readonly onRestart?: (() => void) | undefined;
}

export async function simulate(
  scenario: RegistryScenario,
  options?: RegistrySimulateOptions,
): Promise<Outcome> {
  assertRegistryScenario(scenario);
  const library = await libraryWith(scenario.settings.bug);
  const run = () => {
    const system = new RegistrySystem(scenario, library);
    return simulateSystem({ scenario, system, invariants: registryInvariants }, options);
  };
  return unlessStopped(run, options?.onRestart);
}
