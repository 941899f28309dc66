/** From the arguments of a command line to a checked `Command`. Nothing beyond this file asks whether an option was given. */
import { CommanderError, type Command as Program } from 'commander';
import type { SystemEntry } from '../run/system.ts';
import type { ScenarioSource } from '../search/seed/run-seed.ts';
import {
  type CampaignCommand,
  campaignCommand,
  type ExhaustiveCommand,
  exhaustiveCommand,
} from './many-options.ts';
import { parseSeed } from './numbers.ts';
import { exitCodesText, makeProgram, type Options } from './options.ts';
import { type ReplayCommand, replayCommand, shrinkRunsOf } from './replay-options.ts';
import { commandsOf, type RunPlan, type SystemList } from './run-plan.ts';
import { namesOf, quoted, suggestion, UsageError, unknownBug, unknownName } from './usage-error.ts';

export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'list'; readonly json: boolean; readonly system: ScenarioSource['system'] }
  | ({ readonly kind: 'run' } & RunPlan)
  | ReplayCommand
  | CampaignCommand
  | ExhaustiveCommand;

/**
 * Understands `args`, what stands after the program's name. `drawSeed` is called only when no seed is given.
 *
 * @throws {UsageError} with one line to print.
 */
export function parseCommand(
  args: readonly string[],
  systems: SystemList,
  drawSeed: () => number,
): Command {
  const named = systems.find(({ command }) => command === args[0]);
  const entry = named ?? systems[0];
  const program = makeProgram(entry, systems);
  const { options, own } = readOptions(program, named === undefined ? args : args.slice(1), entry);
  const json = options.json ?? false;
  if (options.help) return { kind: 'help', text: `${program.helpInformation()}${exitCodesText}` };

  const replay = replayCommand(program, options);
  if (replay !== undefined) return replay;
  const system = entry.open(own);
  const family = system.families.find(({ name }) => name === options.scenario);
  if (family === undefined) {
    throw unknownName('--scenario', options.scenario, namesOf(system.families));
  }
  const bugs = namesOf(system.bugs);
  if (options.bug !== undefined && !bugs.includes(options.bug)) {
    throw unknownBug(options.bug, system);
  }
  const shrinkRuns = shrinkRunsOf(options);
  const plan: RunPlan = {
    system,
    commands: commandsOf(entry === systems[0] ? undefined : entry.command),
    seed: options.seed === undefined ? drawSeed() : parseSeed(options.seed),
    family,
    json,
    checksAll: options.checkDeterminism ?? false,
    ...(options.bug === undefined ? {} : { bug: options.bug }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
    ...(shrinkRuns === undefined ? {} : { shrinkRuns }),
  };
  const search = exhaustiveCommand(options, plan);
  const campaign = search === undefined ? campaignCommand(options, plan) : undefined;
  if (options.list) return { kind: 'list', json, system };
  return search ?? campaign ?? { kind: 'run', ...plan };
}

/** The options of all systems, and those of this one. */
interface GivenOptions {
  readonly options: Options;
  readonly own: Readonly<Record<string, string>>;
}

function readOptions(program: Program, args: readonly string[], entry: SystemEntry): GivenOptions {
  try {
    const { operands, unknown } = program.parseOptions([...args]);
    const [stray] = unknown;
    if (stray !== undefined) throw unknownOption(program, stray);
    const [operand] = operands;
    if (operand !== undefined) throw strayArgument(operand, entry);
    const options = program.opts<Options & Record<string, string>>();
    return { options, own: ownOptions(program, options, entry) };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The parser's own: a value that is missing. It names the option, in one line.
    throw new UsageError(error.message.replace(/^error: /, ''));
  }
}

function ownOptions(
  program: Program,
  given: Readonly<Record<string, string>>,
  entry: SystemEntry,
): Readonly<Record<string, string>> {
  const flags = new Set(entry.options.map((option) => option.flags));
  const names = program.options
    .filter((option) => flags.has(option.flags))
    .map((option) => option.attributeName());
  return Object.fromEntries(
    names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
}

function unknownOption(program: Program, argument: string): UsageError {
  const [name = argument, ...value] = argument.split('=');
  const flags = program.options.flatMap(({ long }) => long ?? []);
  if (flags.includes(name)) {
    return new UsageError(`${name} takes no value, got ${quoted(value.join('='))}`);
  }
  return new UsageError(`option ${quoted(name)} is unknown; ${suggestion(name, flags)}`);
}

/** An argument without an option is nearly always the value of one that was forgotten. */
function strayArgument(argument: string, entry: SystemEntry): UsageError {
  const { bugs, families } = entry.open({});
  const option = /^[0-9]+$/.test(argument)
    ? '--seed'
    : namesOf(bugs).includes(argument)
      ? '--bug'
      : '--scenario';
  const known = option === '--scenario' ? ` ${suggestion(argument, namesOf(families))}` : '';
  return new UsageError(`argument ${quoted(argument)} belongs to no option (${option}?)${known}`);
}
