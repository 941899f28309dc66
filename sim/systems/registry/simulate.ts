/** Runs a scenario of the registry and returns its outcome, for tests and tools that run no other system. */
import type { Outcome } from '../../run/outcome.ts';
import { type RunOptions, simulate as simulateRun } from '../../run/run.ts';
import { registry } from './registry.ts';
import type { RegistryScenario } from './scenario.ts';

export type RegistrySimulateOptions = Omit<RunOptions, 'system' | 'records'>;

export async function simulate(
  scenario: RegistryScenario,
  options?: RegistrySimulateOptions,
): Promise<Outcome> {
  const { outcome } = await simulateRun(scenario, { ...options, system: registry });
  return outcome;
}
