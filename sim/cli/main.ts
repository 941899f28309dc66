/** The command line, from its arguments to its exit status. All side effects use `Io`. */
import { catalogueJson, catalogueText } from '../report/catalogue.ts';
import { runMany } from './campaign-command.ts';
import { searchAll } from './exhaustive-command.ts';
import { type ExitStatus, type Io, print, printJson } from './io.ts';
import { type Command, parseCommand } from './parse-command.ts';
import { planOfFile } from './replay-options.ts';
import { runOne } from './run-command.ts';
import type { SystemList } from './run-plan.ts';
import { UsageError } from './usage-error.ts';

/** Runs the command of `args` and reports it. Wrong usage is reported too, not thrown. */
export async function main(
  args: readonly string[],
  io: Io,
  systems: SystemList,
): Promise<ExitStatus> {
  try {
    return await execute(
      parseCommand(args, systems, () => io.drawSeed()),
      io,
      systems,
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`error: ${error.message}\n`);
    return 'usage';
  }
}

async function execute(command: Command, io: Io, systems: SystemList): Promise<ExitStatus> {
  switch (command.kind) {
    case 'help':
      io.out(command.text);
      return 'held';
    case 'list':
      if (command.json) printJson(io, catalogueJson(command.system));
      else print(io, catalogueText(command.system));
      return 'held';
    case 'run':
      return runOne(command, io);
    case 'replay':
      return runOne(planOfFile(command, io, systems), io);
    case 'campaign':
      return runMany(command, io);
    case 'exhaustive':
      return searchAll(command, io);
  }
}
