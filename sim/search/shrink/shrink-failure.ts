/** Shrinks the failure of one run, until no smaller one is found, the runs are used up, or it is interrupted. */
import type { Outcome } from '../../run/outcome.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { Interrupt, type Means, turnTaker } from '../means.ts';
import { runScenario, type ScenarioSource } from '../seed/run-seed.ts';
import { type Shrunk, shrink } from './shrink.ts';

export async function shrinkFailure(
  source: ScenarioSource,
  scenario: Scenario,
  outcome: Outcome,
  runsMax: number,
  means: Means,
): Promise<Shrunk> {
  const interrupt = new Interrupt(means);
  const takeTurn = turnTaker(means);
  const run = (candidate: Scenario): Promise<Outcome> => {
    const prepared = { kind: 'made', scenario: candidate } as const;
    return runScenario(source, outcome.seed, prepared, means.simulate, { watchdog: 'shared' });
  };
  try {
    return await shrink(scenario, outcome, {
      simulate: run,
      scenarioShape: source.system.shape,
      runsMax,
      isStopped: async () => {
        await takeTurn();
        return interrupt.isRequested;
      },
    });
  } finally {
    interrupt.off();
  }
}
