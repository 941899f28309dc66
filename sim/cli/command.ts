/** From the words of a command line to a checked `Command`. Nothing beyond this file asks whether an option was given. */

import { CommanderError, Command as Program } from 'commander';
import type { Lab, ScenarioFamily } from './lab.ts';
import { parseRuns, parseSeed } from './numbers.ts';
import { quoted, suggestion, UsageError, unknownName } from './usage-error.ts';

const defaultScenario = 'swarm';

/** What the runs of one call have in common. */
export interface RunPlan {
  readonly seed: number;
  readonly family: ScenarioFamily;
  readonly bug?: string;
  /** Path of the file that the trace goes to. */
  readonly trace?: string;
  readonly json: boolean;
}

export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'list'; readonly json: boolean }
  | ({ readonly kind: 'run' } & RunPlan)
  | ({ readonly kind: 'campaign'; readonly runs: number } & RunPlan);

interface Options {
  readonly seed?: string;
  readonly scenario: string;
  readonly runs?: string;
  readonly bug?: string;
  readonly trace?: string;
  readonly json?: true;
  readonly list?: true;
  readonly help?: true;
}

/**
 * Understands `args`, the words after the program's name. `drawSeed` is called only when no seed is given.
 *
 * @throws {UsageError} with one line to print.
 */
export function parseCommand(args: readonly string[], lab: Lab, drawSeed: () => number): Command {
  const program = makeProgram();
  const options = readOptions(program, args, lab);
  const json = options.json ?? false;
  if (options.help) return { kind: 'help', text: `${program.helpInformation()}${exitCodesText}` };

  const family = lab.scenarios.find(({ name }) => name === options.scenario);
  if (family === undefined) {
    throw unknownName('--scenario', options.scenario, names(lab.scenarios));
  }
  if (options.bug !== undefined && !names(lab.bugs).includes(options.bug)) {
    throw unknownName('--bug', options.bug, names(lab.bugs));
  }
  const seed = options.seed === undefined ? drawSeed() : parseSeed(options.seed);
  const runs = options.runs === undefined ? undefined : parseRuns(options.runs, seed);
  if (options.trace !== undefined && runs !== undefined && runs > 1) {
    throw new UsageError(
      `--trace ${quoted(options.trace)} holds one run, got --runs ${runs}; give the --seed of that run alone`,
    );
  }
  if (options.list) return { kind: 'list', json };

  const plan: RunPlan = {
    seed,
    family,
    json,
    ...(options.bug === undefined ? {} : { bug: options.bug }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  };
  return runs === undefined ? { kind: 'run', ...plan } : { kind: 'campaign', runs, ...plan };
}

function makeProgram(): Program {
  return (
    new Program('npm run sim --')
      .usage('[options]')
      .description('Runs the registry behind the real ws package on a simulated network.')
      .option(
        '--seed <n>',
        'the run to make: a decimal up to 2^53 - 1, or a commit hash (default: drawn)',
      )
      .option('--scenario <name>', 'what happens in it', defaultScenario)
      .option('--runs <n>', 'makes that many runs, from the seed on')
      .option('--bug <name>', 'plants a mistake in the registry, to see it caught')
      .option('--trace <file>', 'writes every event of the run to the file, as JSON lines')
      .option('--json', 'prints one JSON object and nothing else')
      .option('--list', 'prints the scenarios, bugs and invariants there are')
      // An option like the others, so that help is an answer of `parseCommand` and not an exit of the parser.
      .helpOption(false)
      .option('-h, --help', 'prints this')
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
  );
}

// For a reader; the numbers themselves are given out in sim/cli.ts, and program.test.ts holds the two together.
const exitCodesText = `
Exit codes:
  0    everything held
  1    an invariant broke, or the code under test threw
  2    wrong usage
  130  interrupted; what was done so far is reported
`;

function readOptions(program: Program, args: readonly string[], lab: Lab): Options {
  try {
    const { operands, unknown } = program.parseOptions([...args]);
    const [stray] = unknown;
    if (stray !== undefined) throw unknownOption(program, stray);
    const [operand] = operands;
    if (operand !== undefined) throw strayWord(operand, lab);
    return program.opts<Options & Record<string, unknown>>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The parser's own: a value that is missing. It names the option, in one line.
    throw new UsageError(error.message.replace(/^error: /, ''));
  }
}

function unknownOption(program: Program, word: string): UsageError {
  const [name = word, ...value] = word.split('=');
  const flags = program.options.flatMap(({ long }) => long ?? []);
  if (flags.includes(name)) {
    return new UsageError(`${name} takes no value, got ${quoted(value.join('='))}`);
  }
  return new UsageError(`option ${quoted(name)} is unknown; ${suggestion(name, flags)}`);
}

/** A word without an option is nearly always the value of one that was forgotten. */
function strayWord(word: string, lab: Lab): UsageError {
  const option = /^[0-9]+$/.test(word)
    ? '--seed'
    : names(lab.bugs).includes(word)
      ? '--bug'
      : '--scenario';
  const known = option === '--scenario' ? ` ${suggestion(word, names(lab.scenarios))}` : '';
  return new UsageError(`argument ${quoted(word)} belongs to no option (${option}?)${known}`);
}

function names(things: readonly { readonly name: string }[]): string[] {
  return things.map(({ name }) => name);
}
