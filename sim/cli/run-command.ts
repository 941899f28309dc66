/** A single run, of a seed or of a file, and what is made of its failure. */

import { divergenceOf, divergenceText } from '../report/divergence.ts';
import { outcomeJson, outcomeText, resolvedText } from '../report/run-report.ts';
import { shrunkJson, shrunkText } from '../report/shrunk-report.ts';
import type { Outcome } from '../run/outcome.ts';
import { runSeed, runSeedTwice } from '../search/seed/determinism-check.ts';
import { makeScenario, type PreparedRun } from '../search/seed/run-seed.ts';
import { type Kept, keepShrunk, shrinkFailure } from '../search/shrink/shrink-failure.ts';
import type { Ending } from './exit-status.ts';
import type { Io } from './io.ts';
import type { Lab } from './lab.ts';
import type { RunPlan } from './parse-command.ts';
import { print, printJson } from './print.ts';
import { closeTrace, openTrace } from './trace.ts';

export async function runOne(plan: RunPlan, io: Io, lab: Lab): Promise<Ending> {
  const { seed, family, bug, json, checksAll, replay } = plan;
  const trace = openTrace(plan.trace, io);
  const prepared = makeScenario(plan, seed);
  if (!json) {
    const resolved = prepared.kind === 'made' ? lab.describeScenario(prepared.scenario) : [];
    print(
      io,
      resolvedText(
        { seed, scenario: family.name, ...(bug === undefined ? {} : { bug }) },
        resolved,
      ),
    );
  }
  const run = checksAll ? runSeedTwice : runSeed;
  const { outcome, check } = await run(plan, seed, lab, {
    onTrace: trace?.write,
    onRestart: trace?.restart,
  });
  const divergence =
    check === undefined || check === 'same'
      ? undefined
      : divergenceOf({ seed, scenario: family.name, bug, replay }, check);
  if (!json) {
    print(io, outcomeText(outcome, bug, replay));
    if (divergence !== undefined) print(io, ['', ...divergenceText(divergence)]);
    else if (check === 'same') print(io, ['  run twice:  the same both times']);
  }
  // What fails differently each time does not become smaller.
  const shrunk =
    divergence === undefined ? await shrinkAndKeep(plan, prepared, outcome, io, lab) : undefined;
  if (json) {
    const extra = { ...(divergence && { divergence }), ...(shrunk && { shrunk: shrunk.json }) };
    printJson(io, { ...outcomeJson(outcome, bug, replay), ...extra });
  }
  const ending = shrunk?.ending ?? (outcome.verdict === 'passed' ? 'held' : 'broke');
  return closeTrace(trace, plan.trace, io, divergence === undefined ? ending : 'diverged');
}

/** Shrinks a failure where that was asked for, and prints what came of it. */
async function shrinkAndKeep(
  plan: RunPlan,
  prepared: PreparedRun,
  outcome: Outcome,
  io: Io,
  lab: Lab,
): Promise<{ readonly ending: Ending; readonly json: object } | undefined> {
  if (plan.shrinkRuns === undefined) return undefined;
  if (outcome.failure === undefined) {
    if (!plan.json) print(io, ['  shrink:     nothing to shrink, the run passed']);
    return undefined;
  }
  // A family that throws makes no scenario that could be taken apart.
  if (prepared.kind === 'threw') return undefined;
  const shrunk = await shrinkFailure(plan, prepared.scenario, outcome, io, lab);
  const kept: Kept = keepShrunk(plan, shrunk, io);
  const bug = lab.scenarioShape.bugOf(shrunk.scenario) ?? undefined;
  if (!plan.json) print(io, ['', ...shrunkText(shrunk, kept, bug)]);
  if (kept.error !== undefined) io.err(`error: ${kept.error}\n`);
  return {
    ending: shrunk.ended === 'it was interrupted' ? 'interrupted' : 'broke',
    json: shrunkJson(shrunk, kept, bug),
  };
}
