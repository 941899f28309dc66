/** The options there are, as `--help` shows them. */

import { Command as Program } from 'commander';
import type { SystemEntry } from '../run/system.ts';
import { programName } from './run-plan.ts';

/** The texts as they were given: nothing is checked yet. */
export interface Options {
  readonly seed?: string;
  readonly scenario: string;
  readonly runs?: string;
  readonly minutes?: string;
  readonly workers?: string;
  readonly shard?: string;
  readonly resume?: string;
  readonly requireSometimes?: boolean;
  readonly checkDeterminism?: true;
  readonly exhaustive?: true;
  readonly depth?: string;
  readonly shrink?: true;
  readonly shrinkRuns?: string;
  readonly replay?: string;
  readonly bug?: string;
  readonly trace?: string;
  readonly json?: true;
  readonly list?: true;
  readonly help?: true;
}

/** @param systems All of them, the one that runs when none is named first. */
export function makeProgram(entry: SystemEntry, systems: readonly SystemEntry[]): Program {
  const program = addCommonOptions(
    new Program(programName).usage(usageOf(entry, systems)).description(entry.description),
    entry,
  );
  for (const { flags, description } of entry.options) program.option(flags, description);
  // An option like the others, so that help is an answer of `parseCommand` and not an exit of the parser.
  return program
    .helpOption(false)
    .option('-h, --help', 'prints this')
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
}

function usageOf(entry: SystemEntry, systems: readonly SystemEntry[]): string {
  if (entry !== systems[0]) return `${entry.command} [options]`;
  const commands = systems.map(({ command }) => command);
  return commands.length === 1 ? '[options]' : `[${commands.join('|')}] [options]`;
}

function addCommonOptions(program: Program, entry: SystemEntry): Program {
  return program
    .option(
      '--seed <n>',
      'the run to make: a decimal up to 2^53 - 1, or a commit hash (default: drawn)',
    )
    .option('--scenario <name>', 'what happens in it', entry.defaultScenario)
    .option('--bug <name>', `plants a mistake in the ${entry.name}, to see it caught`)
    .option('--trace <file>', 'writes every event of the run to the file, as JSON lines')
    .option('--check-determinism', 'runs every seed twice and compares all that happened')
    .option('--shrink', 'makes a run that fails as small as it gets, into reports/runs/')
    .option('--shrink-runs <n>', 'most runs that --shrink may take (default: 500)')
    .option('--replay <file>', 'makes the run of a scenario file, with --bug none without its bug')
    .option('--runs <n>', 'makes that many runs, from the seed on: a campaign')
    .option('--minutes <m>', 'makes runs until the time is up, at most --runs')
    .option(
      '--workers <k>',
      'threads that make the runs: a number, or auto for one a core; 0 makes them in this one (default: auto from 51 runs on)',
    )
    .option('--shard <i/n>', 'makes only part i of n of the runs')
    .option('--resume <file>', 'writes to the file what is done, and goes on where it stopped')
    .option(
      '--require-sometimes',
      'fails when a state worth reaching was never reached (default: from 100 runs on)',
    )
    .option('--no-require-sometimes', 'only says which ones were not')
    .option(
      '--exhaustive',
      'tries all sequences of actions in a small world, the shortest first, instead of seeds',
    )
    .option('--depth <n>', 'most actions of a sequence of --exhaustive (default: 6)')
    .option('--json', 'prints one JSON object and nothing else')
    .option('--list', 'prints the scenarios, bugs and invariants there are');
}

// For a reader; the numbers themselves are in io.ts, and program.test.ts holds the two together.
export const exitCodesText = `
Exit codes:
  0    everything held
  1    an invariant broke, the code under test threw, or a campaign never reached what it must
  2    wrong usage
  3    one seed gave two different runs; goes before 1, because no verdict can be relied on then
  130  interrupted; what was done so far is reported (a second Ctrl-C ends at once)
`;
