/** A scenario of the registry in, its outcome out: for tests and tools that run nothing else. */
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
