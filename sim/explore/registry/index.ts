/** The small world of the registry, for the command line and the tests. */
export { small } from './universe.ts';
export { smallUniverse } from './walk.ts';
