/** The program `npm run sim`: the command line around the registry. Its threads load this file again. */

import { program } from './cli/program.ts';
import {
  anatomy,
  bugs,
  describeScenario,
  invariants,
  scenarios,
  simulate,
} from './registry/index.ts';

await program(
  { scenarios, bugs, invariants, anatomy, simulate, describeScenario },
  import.meta.url,
);
