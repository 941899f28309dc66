/** The registry as a system: what the list of systems, the properties and the tests use. */
import '../../platform/install.ts';

export { bugs } from './bugs/index.ts';
export { invariants } from './invariants/oracles.ts';
export { registry } from './registry.ts';
export { scenarioShape } from './registry-shape.ts';
export { simulate } from './simulate.ts';
export { sometimesOf } from './workload/family-sometimes.ts';
export { scenarios } from './workload/index.ts';
