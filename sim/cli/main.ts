/** What the command line does, from its words to how it ended. Touches the world only through `Io`. */

import { divergenceOf, divergenceText } from '../report/divergence.ts';
import { catalogueJson, catalogueText } from '../report/list.ts';
import { outcomeJson, outcomeText, resolvedText } from '../report/run.ts';
import { makeScenario } from './attempt.ts';
import { runCampaign } from './campaign.ts';
import { type Command, parseCommand } from './command.ts';
import type { Ending } from './ending.ts';
import { runExhaustive } from './exhaustive.ts';
import type { Io } from './io.ts';
import type { Lab } from './lab.ts';
import { print, printJson } from './print.ts';
import { closeTrace, openTrace } from './trace.ts';
import { runSeed, runSeedTwice } from './twice.ts';
import { UsageError } from './usage-error.ts';

/** Does what `args` ask for and reports it. Wrong usage is reported too, not thrown. */
export async function main(args: readonly string[], io: Io, lab: Lab): Promise<Ending> {
  try {
    return await execute(
      parseCommand(args, lab, () => io.drawSeed()),
      io,
      lab,
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`error: ${error.message}\n`);
    return 'usage';
  }
}

async function execute(command: Command, io: Io, lab: Lab): Promise<Ending> {
  switch (command.kind) {
    case 'help':
      io.out(command.text);
      return 'held';
    case 'list':
      if (command.json) printJson(io, catalogueJson(lab));
      else print(io, catalogueText(lab));
      return 'held';
    case 'run':
      return runOne(command, io, lab);
    case 'campaign':
      return runCampaign(command, io, lab);
    case 'exhaustive':
      return runExhaustive(command, io);
  }
}

async function runOne(plan: Extract<Command, { kind: 'run' }>, io: Io, lab: Lab): Promise<Ending> {
  const { seed, family, bug, json, checksAll } = plan;
  const trace = openTrace(plan.trace, io);
  const attempt = makeScenario(plan, seed);
  if (!json) {
    const resolved = attempt.kind === 'made' ? lab.describeScenario(attempt.scenario) : [];
    print(
      io,
      resolvedText(
        { seed, scenario: family.name, ...(bug === undefined ? {} : { bug }) },
        resolved,
      ),
    );
  }
  const run = checksAll ? runSeedTwice : runSeed;
  const { outcome, check } = await run(plan, seed, lab, { onTrace: trace?.write });
  const divergence =
    check === undefined || check === 'same'
      ? undefined
      : divergenceOf({ seed, scenario: family.name, bug }, check);
  if (json) printJson(io, { ...outcomeJson(outcome, bug), ...(divergence && { divergence }) });
  else {
    print(io, outcomeText(outcome, bug));
    if (divergence !== undefined) print(io, ['', ...divergenceText(divergence)]);
    else if (check === 'same') print(io, ['  run twice:  the same both times']);
  }
  const ending = outcome.verdict === 'passed' ? 'held' : 'broke';
  return closeTrace(trace, plan.trace, io, divergence === undefined ? ending : 'diverged');
}
