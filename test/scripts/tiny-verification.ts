/**
 * The program `npm run verify` with a plan of seconds, for tests of what it does with its report. The folder that it works
 * on is given in `VERIFY_ROOT`; `VERIFY_TROUBLE` plants something that fails.
 */

import { hunt } from '../../scripts/bugs/hunt.ts';
import type { VerificationLab } from '../../scripts/verify/lab.ts';
import { type Plan, partOf } from '../../scripts/verify/plan.ts';
import { verifyProgram } from '../../scripts/verify/program.ts';
import { priorities, smallUniverse } from '../../sim/explore/registry/index.ts';
import { guarantees } from '../../sim/registry/guarantees.ts';
import {
  anatomy,
  bugs,
  describeScenario,
  invariants,
  scenarios,
  simulate,
} from '../../sim/registry/index.ts';

const trouble = process.env.VERIFY_TROUBLE ?? '';

const families = [...scenarios, priorities].map((family) => ({ ...family, sometimes: [] }));
const lab: VerificationLab = {
  guarantees,
  scenarios: families.map((family) => ({
    ...family,
    make: (seed: number) =>
      family.make(seed, trouble.includes('scenario') && seed === 2 ? { bug: 'issue-108' } : {}),
  })),
  universe: smallUniverse,
  bugs: bugs.map((bug) => ({
    ...bug,
    ...(trouble.includes('bug') ? { caughtBy: 'no hook fails' } : {}),
  })),
  invariants,
  anatomy,
  simulate,
  describeScenario,
  corpus: new URL('../../sim/corpus/', import.meta.url),
  hunt,
};

const whole: Plan = {
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
  lab,
  plans: { whole, part: partOf(whole, ['issue-108']) },
  root: process.env.VERIFY_ROOT ?? '',
  entry: import.meta.url,
});
