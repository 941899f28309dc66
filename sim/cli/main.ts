/** What the command line does, from its words to how it ended. Touches the world only through `Io`. */

import { Campaign } from '../report/campaign.ts';
import { campaignJson, campaignText } from '../report/campaign-report.ts';
import { catalogueJson, catalogueText } from '../report/list.ts';
import { outcomeJson, outcomeText, resolvedText } from '../report/run.ts';
import { makeScenario, runScenario } from './attempt.ts';
import { type Command, parseCommand } from './command.ts';
import type { Io, TraceSink } from './io.ts';
import type { Lab } from './lab.ts';
import { barProgress, lineProgress, type Progress, silent } from './progress.ts';
import { quoted, UsageError } from './usage-error.ts';

/** How long a campaign may keep Ctrl-C waiting, in real milliseconds. */
const msBetweenTurns = 50;

/** How a call ended. `sim/cli.ts` alone knows which exit code each of these is. */
export type Ending = 'held' | 'broke' | 'usage' | 'interrupted';

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
      return runMany(command, io, lab);
  }
}

async function runOne(plan: Extract<Command, { kind: 'run' }>, io: Io, lab: Lab): Promise<Ending> {
  const { seed, family, bug, json } = plan;
  const trace = openTrace(plan.trace, io);
  const attempt = makeScenario(plan, seed);
  if (!json) {
    const resolved = attempt.kind === 'made' ? lab.describeScenario(attempt.scenario) : [];
    print(io, resolvedText({ seed, scenario: family.name, ...named(bug) }, resolved));
  }
  const outcome = await runScenario(plan, seed, attempt, lab, {
    onTrace: trace?.write,
  });
  if (json) printJson(io, outcomeJson(outcome, bug));
  else print(io, outcomeText(outcome, bug));
  return closeTrace(trace, plan.trace, io, outcome.verdict === 'passed' ? 'held' : 'broke');
}

async function runMany(
  plan: Extract<Command, { kind: 'campaign' }>,
  io: Io,
  lab: Lab,
): Promise<Ending> {
  const { seed: first, runs, family, bug, json } = plan;
  const trace = openTrace(plan.trace, io);
  const campaign = new Campaign({
    seed: first,
    scenario: family.name,
    ...named(bug),
    runsAsked: runs,
  });
  let isInterrupted = false;
  const offInterrupt = io.onInterrupt(() => {
    isInterrupted = true;
  });
  // Only now: whoever reads that it runs may interrupt it.
  if (!json) print(io, campaignHead(plan));
  const startMs = io.nowMs();
  let lastTurnMs = startMs;
  const progress = makeProgress(plan, io);
  try {
    for (let done = 0; done < runs && !isInterrupted; done += 1) {
      const seed = first + done;
      const attempt = makeScenario(plan, seed);
      const options = { onTrace: trace?.write, watchdog: 'shared' } as const;
      campaign.add(await runScenario(plan, seed, attempt, lab, options));
      progress.advance(campaign.runs, campaign.failed);
      if (io.nowMs() - lastTurnMs < msBetweenTurns) continue;
      await io.turn();
      lastTurnMs = io.nowMs();
    }
  } finally {
    // Whatever happens, the terminal gets its cursor back.
    progress.stop();
    offInterrupt();
  }

  const totals = campaign.totals();
  if (json) printJson(io, campaignJson(totals));
  else print(io, campaignText(totals, io.nowMs() - startMs));
  const ending = totals.failed === 0 ? 'held' : 'broke';
  return closeTrace(trace, plan.trace, io, totals.runs < runs ? 'interrupted' : ending);
}

function campaignHead({
  seed,
  runs,
  family,
  bug,
}: Extract<Command, { kind: 'campaign' }>): string[] {
  const last = seed + runs - 1;
  const planted = bug === undefined ? '' : `, bug ${bug}`;
  return [`seeds ${seed} to ${last}, scenario ${family.name}${planted}`, ''];
}

function makeProgress(plan: { readonly runs: number; readonly json: boolean }, io: Io): Progress {
  const nowMs = (): number => io.nowMs();
  if (io.terminal !== undefined) return barProgress(io.terminal, plan.runs, nowMs);
  return plan.json ? silent : lineProgress((text) => io.err(text), plan.runs, nowMs);
}

function openTrace(path: string | undefined, io: Io): TraceSink | undefined {
  if (path === undefined) return undefined;
  try {
    return io.openTrace(path);
  } catch (error) {
    throw new UsageError(`--trace ${quoted(path)} cannot be written: ${reason(error)}`);
  }
}

/** A trace that is not whole is said so, but does not hide that the run failed. */
function closeTrace(
  trace: TraceSink | undefined,
  path: string | undefined,
  io: Io,
  ending: Ending,
): Ending {
  const error = trace?.close();
  if (error === undefined) return ending;
  io.err(`error: --trace ${quoted(path ?? '')} is not whole: ${reason(error)}\n`);
  return ending === 'held' ? 'usage' : ending;
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}

function named(bug: string | undefined): { readonly bug?: string } {
  return bug === undefined ? {} : { bug };
}

function print(io: Io, lines: readonly string[]): void {
  io.out(`${lines.join('\n')}\n`);
}

function printJson(io: Io, value: object): void {
  io.out(`${JSON.stringify(value)}\n`);
}
