/** A single run, of a seed or of a file, and the shrinking of its failure. */
import { divergenceText, type ReplayableDivergence } from '../report/divergence.ts';
import { outcomeJson, outcomeText, type RunContext, resolvedText } from '../report/run-report.ts';
import { shrunkJson, shrunkText } from '../report/shrunk-report.ts';
import type { Outcome } from '../run/outcome.ts';
import { checkDeterminism, runSeed, type SeedResult } from '../search/seed/determinism-check.ts';
import { type PreparedScenario, prepareScenario } from '../search/seed/run-seed.ts';
import { shrinkFailure } from '../search/shrink/shrink-failure.ts';
import type { ExitStatus } from './exit-status.ts';
import { type Io, print, printJson } from './io.ts';
import { keepShrunk } from './keep-shrunk.ts';
import type { RunPlan } from './run-plan.ts';
import { closeTrace, openTrace } from './trace.ts';

export async function runOne(plan: RunPlan, io: Io): Promise<ExitStatus> {
  const { seed, json, bug, system } = plan;
  const trace = openTrace(plan.trace, io);
  const prepared = prepareScenario(plan, seed);
  if (!json) printResolved(plan, prepared, io);
  const run = plan.checksAll ? checkDeterminism : runSeed;
  const { outcome, check } = await run(plan, seed, prepared, io.simulate, {
    onTrace: trace?.write,
    onRestart: trace?.restart,
  });
  const context: RunContext = { figures: system.figures, bug, replay: replayOf(plan) };
  const divergence = divergenceOf(plan, check);
  if (!json) printOutcome(outcome, context, divergence, check, io);
  // A failure that differs between runs cannot be shrunk.
  const shrunk =
    divergence === undefined ? await shrinkAndKeep(plan, prepared, outcome, io) : undefined;
  if (json) {
    const extra = { ...(divergence && { divergence }), ...(shrunk && { shrunk: shrunk.json }) };
    printJson(io, { ...outcomeJson(outcome, context), ...extra });
  }
  const status = shrunk?.status ?? (outcome.verdict === 'passed' ? 'held' : 'broke');
  return closeTrace(trace, plan.trace, io, divergence === undefined ? status : 'diverged');
}

/** The command that makes the run again. */
function replayOf({ seed, family, bug, replay, commands }: RunPlan): string {
  const run = { seed, scenario: family.name, ...(bug === undefined ? {} : { bug }) };
  return replay ?? commands.ofSeed(run);
}

function printResolved(plan: RunPlan, prepared: PreparedScenario, io: Io): void {
  const { seed, family, bug, system } = plan;
  const resolved = prepared.kind === 'made' ? system.describe(prepared.scenario) : [];
  const run = { seed, scenario: family.name, ...(bug === undefined ? {} : { bug }) };
  print(io, resolvedText(run, resolved));
}

function divergenceOf(plan: RunPlan, check: SeedResult['check']): ReplayableDivergence | undefined {
  if (check === undefined || check === 'same') return undefined;
  const { seed, family, commands } = plan;
  const replay = commands.checkingDeterminism(replayOf(plan));
  return { seed, scenario: family.name, ...check, replay };
}

function printOutcome(
  outcome: Outcome,
  context: RunContext,
  divergence: ReplayableDivergence | undefined,
  check: SeedResult['check'],
  io: Io,
): void {
  print(io, outcomeText(outcome, context));
  if (divergence !== undefined) print(io, ['', ...divergenceText(divergence)]);
  else if (check === 'same') print(io, ['  run twice:  the same both times']);
}

/** Shrinks a failure where that was asked for, and prints what came of it. */
async function shrinkAndKeep(
  plan: RunPlan,
  prepared: PreparedScenario,
  outcome: Outcome,
  io: Io,
): Promise<{ readonly status: ExitStatus; readonly json: object } | undefined> {
  if (plan.shrinkRuns === undefined) return undefined;
  if (outcome.failure === undefined) {
    if (!plan.json) print(io, ['  shrink:     nothing to shrink, the run passed']);
    return undefined;
  }
  // A family that throws makes no scenario that could be taken apart.
  if (prepared.kind === 'threw') return undefined;
  const shrunk = await shrinkFailure(plan, prepared.scenario, outcome, plan.shrinkRuns, io);
  const files = keepShrunk(plan, replayOf(plan), shrunk, io);
  const context = { shape: plan.system.shape, commands: plan.commands, files };
  if (!plan.json) print(io, ['', ...shrunkText(shrunk, context)]);
  if (files.error !== undefined) io.err(`error: ${files.error}\n`);
  return {
    status: shrunk.ended === 'it was interrupted' ? 'interrupted' : 'broke',
    json: shrunkJson(shrunk, context),
  };
}
