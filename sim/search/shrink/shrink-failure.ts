/** Shrinks the failure of a run, and writes what is left into files: a scenario to replay, and a test to run. */

import { replayCommand } from '../../cli/commands.ts';
import type { Io } from '../../cli/io.ts';
import type { Lab } from '../../cli/lab.ts';
import type { RunPlan } from '../../cli/parse-command.ts';
import { reason } from '../../cli/print.ts';
import { testText } from '../../report/vitest-file.ts';
import type { Outcome } from '../../run/outcome.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { scenarioFileText } from '../../scenario/scenario-file.ts';
import { runScenario } from '../seed/run-seed.ts';
import { type Shrunk, shrink } from './shrink.ts';

/** Ignored by git: what is worth keeping is moved to the corpus. */
const folder = 'reports/runs';

/** How long shrinking may keep Ctrl-C waiting, in real milliseconds. */
const msBetweenTurns = 50;

/** Where a shrunk scenario was written, or why it was not. */
export interface Kept {
  readonly scenarioFile?: string;
  readonly testFile?: string;
  readonly error?: string;
}

export async function shrinkFailure(
  plan: RunPlan,
  scenario: Scenario,
  outcome: Outcome,
  io: Io,
  lab: Lab,
): Promise<Shrunk> {
  let isInterrupted = false;
  const offInterrupt = io.onInterrupt(() => {
    isInterrupted = true;
  });
  let lastTurnMs = io.nowMs();
  const isStopped = async (): Promise<boolean> => {
    if (io.nowMs() - lastTurnMs >= msBetweenTurns) {
      await io.turn();
      lastTurnMs = io.nowMs();
    }
    return isInterrupted;
  };
  try {
    return await shrink(scenario, outcome, {
      simulate: (candidate) =>
        runScenario(plan, plan.seed, { kind: 'made', scenario: candidate }, lab, {
          watchdog: 'shared',
        }),
      scenarioShape: lab.scenarioShape,
      runsMax: plan.shrinkRuns,
      isStopped,
    });
  } finally {
    offInterrupt();
  }
}

/** What cannot be written is said, and does not hide that the run failed. */
export function keepShrunk(plan: RunPlan, { scenario, outcome }: Shrunk, io: Io): Kept {
  const { seed, family, bug } = plan;
  const name = [family.name, String(seed), ...(bug === undefined ? [] : [bug])]
    .join('-')
    .replace(/[^\w-]+/g, '-');
  const made = replayCommand({
    seed,
    scenario: family.name,
    ...(bug === undefined ? {} : { bug }),
  });
  const madeBy = `${plan.replay ?? made} --shrink`;
  const scenarioFile = `${folder}/${name}.json`;
  const testFile = `${folder}/${name}.test.ts`;
  const { invariant = '', detail = '' } = outcome.failure ?? {};
  const story = `${invariant}: ${detail.split('\n', 1)[0]}`;
  try {
    io.writeText(
      scenarioFile,
      scenarioFileText({ format: 1, story, broke: invariant, madeBy, scenario }),
    );
    io.writeText(testFile, testText({ name, invariant, testFile, madeBy }));
    return { scenarioFile, testFile };
  } catch (error) {
    return { error: `${scenarioFile} cannot be written: ${reason(error)}` };
  }
}
