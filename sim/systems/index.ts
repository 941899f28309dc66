/** The systems that there are. The first one runs when none is named. */
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

/** Scenario files of format 1 name no system: they are from when this was the only one. */
export const systemOfFormat1 = registry.name;
