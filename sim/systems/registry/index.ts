/** The registry as system under test: what the command line, the properties and the corpus use. */
import '../../platform/install.ts';
import { engineInvariants } from '../../run/invariant.ts';
import { registryInvariants } from './invariants/index.ts';

export { bugs } from './bugs/index.ts';
export { describeScenario } from './describe.ts';
export type { RegistryAction, RegistryScenario } from './scenario.ts';
export { scenarioShape } from './scenario-shape.ts';
export { simulate } from './simulate.ts';
export { scenarios } from './workload/index.ts';
export { sometimesOf } from './workload/sometimes.ts';

const uncaught = {
  name: engineInvariants.uncaught,
  guarantee: 'G17',
  description: 'Whatever clients do, nothing in the server throws where nobody catches it.',
};

export const invariants = [uncaught, ...registryInvariants].map(
  ({ name, guarantee, description }) => ({
    name,
    guarantee,
    description,
  }),
);
