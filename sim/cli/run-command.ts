/**
 * A single run, of a seed or of a file, and what is made of its failure: a shrunk scenario to replay, and a test to
 * run.
 */
import { divergenceText, type ReplayableDivergence } from '../report/divergence.ts';
import { outcomeJson, outcomeText, type RunContext, resolvedText } from '../report/run-report.ts';
import { type ShrunkFiles, shrunkJson, shrunkText } from '../report/shrunk-report.ts';
import { testText } from '../report/vitest-file.ts';
import type { Outcome } from '../run/outcome.ts';
import { fileFormat, scenarioFileText } from '../scenario/scenario-file.ts';
import { checkDeterminism, runSeed, type SeedResult } from '../search/seed/determinism-check.ts';
import { type PreparedScenario, prepareScenario } from '../search/seed/run-seed.ts';
import type { Shrunk } from '../search/shrink/shrink.ts';
import { shrinkFailure } from '../search/shrink/shrink-failure.ts';
import { type ExitStatus, type Io, print, printJson, reasonOf } from './io.ts';
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

/** Ignored by git: what is worth keeping is moved to the corpus. */
const folder = 'reports/runs';

/** Where a shrunk scenario was written, or why it was not. */
interface KeptFiles extends ShrunkFiles {
  readonly error?: string;
}

/** What cannot be written is said, and does not hide that the run failed. @param replay The command of the run. */
function keepShrunk(
  { seed, family, bug, system, commands }: RunPlan,
  replay: string,
  { scenario, outcome }: Shrunk,
  io: Io,
): KeptFiles {
  const name = [family.name, String(seed), ...(bug === undefined ? [] : [bug])]
    .join('-')
    .replace(/[^\w-]+/g, '-');
  const madeBy = commands.shrinking(replay);
  const scenarioFile = `${folder}/${name}.json`;
  const testFile = `${folder}/${name}.test.ts`;
  const { invariant = '', detail = '' } = outcome.failure ?? {};
  const story = `${invariant}: ${detail.split('\n', 1)[0]}`;
  const file = {
    format: fileFormat,
    system: system.name,
    story,
    broke: invariant,
    madeBy,
  } as const;
  const runBy = commands.ofTest(testFile);
  const { module } = system;
  try {
    io.writeText(scenarioFile, scenarioFileText({ ...file, scenario }));
    io.writeText(testFile, testText({ name, invariant, testFile, madeBy, runBy, module }));
    return { scenarioFile, testFile };
  } catch (error) {
    return { error: `${scenarioFile} cannot be written: ${reasonOf(error)}` };
  }
}
