/** The exhaustive search of the registry, for the command line and the tests. */
export { priorities } from '../workload/priorities.ts';
export { small } from './universe.ts';
export { smallUniverse } from './walk.ts';
