/** What the command line does, from its words to how it ended. Touches the world only through `Io`. */

import { catalogueJson, catalogueText } from '../report/catalogue.ts';
import { runCampaign } from './campaign-command.ts';
import { runExhaustive } from './exhaustive-command.ts';
import type { Ending } from './exit-status.ts';
import type { Io } from './io.ts';
import type { Lab } from './lab.ts';
import { type Command, parseCommand } from './parse-command.ts';
import { print, printJson } from './print.ts';
import { planOfFile } from './replay-options.ts';
import { runOne } from './run-command.ts';
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
    case 'replay':
      return runOne(planOfFile(command, io, lab), io, lab);
    case 'campaign':
      return runCampaign(command, io, lab);
    case 'exhaustive':
      return runExhaustive(command, io);
  }
}
