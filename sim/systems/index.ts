/** All systems. The first one runs when the command names none. */
import type { SystemEntry } from '../run/system.ts';
import { registry } from './registry/index.ts';

export const systems: readonly [SystemEntry, ...SystemEntry[]] = [
  {
    name: registry.name,
    command: 'registry',
    description: registry.description,
    defaultScenario: 'swarm',
    options: [],
    open: () => registry,
  },
];

/** Scenario files of format 1 name no system: when they were written, this was the only one. */
export const systemOfFormat1 = registry.name;
