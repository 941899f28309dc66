/** What the families of scenarios have in common. */
import type { Random } from '../../../engine/random.ts';
import type { RegistryScenario } from '../scenario.ts';
import { Plan, type PlanOptions } from './plan.ts';

/** Makes a scenario of one family. `random` is the family's own stream of the seed. */
export type Draw = (seed: number, random: Random, bug: string | undefined) => RegistryScenario;

const quickNetwork = { latencyMs: { min: 1, max: 5 } };

/** A plan with a quick network and the registry's defaults, where `options` say nothing else. */
export function planOf(
  name: string,
  seed: number,
  durationMs: number,
  options?: Partial<PlanOptions>,
): Plan {
  return new Plan({ name, seed, durationMs, network: quickNetwork, ...options });
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
