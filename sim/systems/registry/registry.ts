/** leaktight's own registry as a `System`: the real sources of `src/` with the real ws, and simulated clients. */
import type { System } from '../../run/system.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { propertyBugs } from './bugs/found-by-properties/index.ts';
import { bugs } from './bugs/index.ts';
import { libraryWith } from './bugs/plant.ts';
import { describeScenario } from './describe.ts';
import { reportFigures } from './figures/report-figures.ts';
import { registryInvariants } from './invariants/index.ts';
import { invariants } from './invariants/oracles.ts';
import { scenarioShape } from './registry-shape.ts';
import type { RegistryScenario } from './scenario.ts';
import { SimulatedRegistry } from './simulated-registry.ts';
import { small } from './small-universe/universe.ts';
import { smallUniverse } from './small-universe/walk.ts';
import { scenarios } from './workload/index.ts';
import { priorities } from './workload/priorities.ts';

export const registry = {
  name: 'registry',
  description: 'Runs the registry behind the real ws package on a simulated network.',
  families: [...scenarios, priorities, small],
  shape: scenarioShape,
  oracles: invariants,
  figures: reportFigures,
  bugs,
  propertyBugs,
  smallUniverse,
  describe: (scenario: Scenario) => describeScenario(scenario as RegistryScenario),
  async prepare(scenario: Scenario) {
    const made = scenario as RegistryScenario;
    const library = await libraryWith(made.settings.bug);
    return { system: new SimulatedRegistry(made, library), invariants: registryInvariants };
  },
} satisfies System;
