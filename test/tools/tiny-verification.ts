/**
 * The program `npm run verify` with a plan of seconds, for tests of what it does with its report. The folder that it works
 * on is given in `VERIFY_ROOT`; `VERIFY_TROUBLE` plants something that fails.
 */

import { registry, scenarios } from '../../sim/systems/registry/index.ts';
import { guarantees } from '../../sim/systems/registry/invariants/guarantees.ts';
import { priorities } from '../../sim/systems/registry/small-universe/index.ts';
import { hunt } from '../../tools/bugs/hunt.ts';
import type { Plan } from '../../tools/verify/plan.ts';
import { verifyProgram } from '../../tools/verify/program.ts';
import type { VerifiedSystem } from '../../tools/verify/verified-system.ts';

const trouble = process.env.VERIFY_TROUBLE ?? '';

const families = [...scenarios, priorities].map((family) => ({ ...family, sometimes: [] }));
const system: VerifiedSystem = {
  ...registry,
  guarantees,
  families: families.map((family) => ({
    ...family,
    make: (seed: number) =>
      family.make(seed, trouble.includes('scenario') && seed === 2 ? { bug: 'issue-108' } : {}),
  })),
  bugs: registry.bugs.map((bug) => ({
    ...bug,
    ...(trouble.includes('bug') ? { caughtBy: 'no hook fails' } : {}),
  })),
  corpus: new URL('../../sim/corpus/', import.meta.url),
  hunt,
};

const plan: Plan = {
  campaigns: [
    { scenario: 'reconnect', runs: 3, singly: 1 },
    { scenario: 'multi-tab', runs: 1, singly: 0 },
  ],
  requiresSometimes: true,
  depths: [1, 2],
  bugs: ['issue-108', 'unescaped-key'],
  bugSeeds: 2,
  shrinkRuns: 5,
};

await verifyProgram({
  system,
  plan,
  root: process.env.VERIFY_ROOT ?? '',
  entry: import.meta.url,
});
