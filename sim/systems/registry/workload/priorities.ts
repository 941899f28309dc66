/** The default workload, scheduled by priorities: the same actions and faults as the swarm for a seed. */
import { RandomSource } from '../../../engine/random.ts';
import type { PrioritySchedule } from '../../../scenario/scenario.ts';
import type { RegistryScenario } from '../scenario.ts';
import { scenarios } from './index.ts';

const name = 'priorities';

/** As `swarm`, with the network's order decided by priorities. Its bound and its change points are the seed's. */
export const priorities = {
  name,
  description: 'the swarm, where connections hold back others by priority (PCT)',
  make(seed: number, options: { readonly bug?: string } = {}): RegistryScenario {
    const swarm = scenarios.find((family) => family.name === 'swarm');
    if (swarm === undefined) throw new Error('there is no swarm');
    const scenario = swarm.make(seed, options);
    const random = new RandomSource(seed).for('family', name);
    const schedule: PrioritySchedule = {
      kind: 'priorities',
      changePoints: random.between(0, 8),
      windowMs: random.pick([20, 100, 400]),
      withinMs: scenario.durationMs,
    };
    return { ...scenario, name, network: { ...scenario.network, schedule } };
  },
};
