/** The program `npm run verify`: verifies the registry and writes reports/verification.md. Its worker threads load this file again. */

import { fileURLToPath } from 'node:url';
import { registry, scenarios } from '../sim/systems/registry/index.ts';
import { guarantees } from '../sim/systems/registry/invariants/guarantees.ts';
import { priorities } from '../sim/systems/registry/small-universe/index.ts';
import { hunt } from './bugs/hunt.ts';
import { plan } from './verify/plan.ts';
import { verifyProgram } from './verify/program.ts';

await verifyProgram({
  system: {
    ...registry,
    guarantees,
    families: [...scenarios, priorities],
    corpus: new URL('../sim/corpus/', import.meta.url),
    hunt,
  },
  plan,
  root: fileURLToPath(new URL('..', import.meta.url)),
  entry: import.meta.url,
});
