/** The registry as system under test: what the command line, the properties and the corpus use. */
import '../engine/shims/install.ts';
import { engineInvariants } from '../engine/invariant.ts';
import { registryInvariants } from './invariants/index.ts';

export { anatomy } from './anatomy.ts';
export { bugs } from './bugs/index.ts';
export { describeScenario } from './describe.ts';
export type { RegistryAction, RegistryScenario } from './scenario.ts';
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
