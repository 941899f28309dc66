/** The program `npm run verify`: verifies the registry and writes reports/verification.md. Its threads load this file again. */

import { fileURLToPath } from 'node:url';
import { priorities, smallUniverse } from '../sim/explore/registry/index.ts';
import { guarantees } from '../sim/registry/guarantees.ts';
import {
  anatomy,
  bugs,
  describeScenario,
  invariants,
  scenarios,
  simulate,
} from '../sim/registry/index.ts';
import { hunt } from './bugs/hunt.ts';
import { plans } from './verify/plan.ts';
import { verifyProgram } from './verify/program.ts';

await verifyProgram({
  lab: {
    guarantees,
    scenarios: [...scenarios, priorities],
    universe: smallUniverse,
    bugs,
    invariants,
    anatomy,
    simulate,
    describeScenario,
    corpus: new URL('../sim/corpus/', import.meta.url),
    hunt,
  },
  plans,
  root: fileURLToPath(new URL('..', import.meta.url)),
  entry: import.meta.url,
});
