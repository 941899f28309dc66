/** One seed, made and run. Whatever is thrown on the way becomes an outcome: a campaign goes on, and the seed is not lost. */

import { createHash } from 'node:crypto';
import type { Lab, LabOptions } from '../../cli/lab.ts';
import type { RunPlan } from '../../cli/parse-command.ts';
import type { Outcome } from '../../run/outcome.ts';
import type { Scenario } from '../../scenario/scenario.ts';

/** What the seed resolved to, or why it did not. */
export type PreparedRun =
  | { readonly kind: 'made'; readonly scenario: Scenario }
  | { readonly kind: 'threw'; readonly outcome: Outcome };

export function makeScenario(plan: RunPlan, seed: number): PreparedRun {
  try {
    const scenario = plan.family.make(seed, plan.bug === undefined ? {} : { bug: plan.bug });
    return { kind: 'made', scenario };
  } catch (error) {
    return { kind: 'threw', outcome: crashed(plan, seed, error) };
  }
}

export async function runScenario(
  plan: RunPlan,
  seed: number,
  prepared: PreparedRun,
  lab: Lab,
  options: LabOptions,
): Promise<Outcome> {
  if (prepared.kind === 'threw') return prepared.outcome;
  try {
    const outcome = await lab.simulate(prepared.scenario, options);
    // Under the name it was asked for by, which is the one that brings it back.
    return { ...outcome, scenario: plan.family.name, seed };
  } catch (error) {
    return crashed(plan, seed, error);
  }
}

/** The outcome of a run that the simulator itself could not bring to an end. */
export function crashed(plan: RunPlan, seed: number, thrown: unknown): Outcome {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const detail = `${error.name}: ${error.message}`;
  return {
    scenario: plan.family.name,
    seed,
    verdict: 'crashed',
    // There is no trace to take one over; the error is all that happened.
    digest: createHash('sha256').update(detail).digest('hex'),
    virtualMs: 0,
    events: 0,
    connections: 0,
    wireBytes: 0,
    faults: {},
    metrics: {},
    reached: {},
    invariants: [],
    failure: {
      invariant: 'the simulator brings every run to an end',
      detail,
      atMs: 0,
      event: 0,
      lastEvent: 'none was reported',
      ...(error.stack === undefined ? {} : { stack: error.stack }),
    },
  };
}
