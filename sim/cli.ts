/** The program `npm run sim`: the command line around the registry. Its threads load this file again. */

import { program } from './cli/program.ts';
import { priorities, small, smallUniverse } from './explore/registry/index.ts';
import {
  anatomy,
  bugs,
  describeScenario,
  invariants,
  scenarios,
  simulate,
} from './registry/index.ts';

const lab = {
  scenarios: [...scenarios, priorities, small],
  universe: smallUniverse,
  bugs,
  invariants,
  anatomy,
  simulate,
  describeScenario,
};
await program(lab, import.meta.url);
