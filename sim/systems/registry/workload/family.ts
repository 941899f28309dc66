/** A family of scenarios: how a seed becomes one, and what the families have in common. */
import { type Random, RandomSource } from '../../../engine/random.ts';
import type { ScenarioFamily } from '../../../run/system.ts';
import type { RegistryScenario } from '../scenario.ts';
import { sometimesOf } from './family-sometimes.ts';
import { Plan, type PlanOptions } from './plan.ts';

/** Makes a scenario of one family. `random` is the family's own stream of the seed. */
export type Draw = (seed: number, random: Random, bug: string | undefined) => RegistryScenario;

export type RegistryFamily = Required<ScenarioFamily<RegistryScenario>>;

/** The family that `draw` makes. A seed draws from a stream of the family's own. */
export function family(name: string, description: string, draw: Draw): RegistryFamily {
  return {
    name,
    description,
    sometimes: sometimesOf(name),
    make: (seed, options = {}) =>
      draw(seed, new RandomSource(seed).for('family', name), options.bug),
  };
}

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
