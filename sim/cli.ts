/** The program `npm run sim`: the command line around the registry. Its threads load this file again. */

import { program } from './cli/program.ts';
import {
  bugs,
  describeScenario,
  invariants,
  scenarioShape,
  scenarios,
  simulate,
} from './systems/registry/index.ts';
import { priorities, small, smallUniverse } from './systems/registry/small-universe/index.ts';

const lab = {
  scenarios: [...scenarios, priorities, small],
  universe: smallUniverse,
  bugs,
  invariants,
  scenarioShape,
  simulate,
  describeScenario,
};
await program(lab, import.meta.url);
