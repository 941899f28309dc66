/** From the words of a command line to a checked `Command`. Nothing beyond this file asks whether an option was given. */

import { CommanderError, type Command as Program } from 'commander';
import { type CampaignPlan, campaignPlan } from './campaign-options.ts';
import { type ExhaustivePlan, exhaustivePlan } from './exhaustive-options.ts';
import type { Lab, ScenarioFamily } from './lab.ts';
import { parseSeed } from './numbers.ts';
import { exitCodesText, makeProgram, type Options } from './options.ts';
import { type ReplayPlan, replayPlan } from './replay-options.ts';
import { shrinking } from './shrink-plan.ts';
import { quoted, suggestion, UsageError, unknownName } from './usage-error.ts';

/** What the runs of one call have in common. */
export interface RunPlan {
  readonly seed: number;
  readonly family: ScenarioFamily;
  readonly bug?: string;
  /** Path of the file that the trace goes to. */
  readonly trace?: string;
  /** Every seed is run twice. */
  readonly checksAll: boolean;
  readonly json: boolean;
  /** Most runs that shrinking a failure may take; nothing is shrunk without. */
  readonly shrinkRuns?: number;
  /** The command that brings the run back, where it is not the one of a seed. */
  readonly replay?: string;
}

export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'list'; readonly json: boolean }
  | ({ readonly kind: 'run' } & RunPlan)
  | ReplayPlan
  | CampaignPlan
  | ExhaustivePlan;

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

  const replay = replayPlan(program, options, names(lab.bugs));
  if (replay !== undefined) return replay;
  const family = lab.scenarios.find(({ name }) => name === options.scenario);
  if (family === undefined) {
    throw unknownName('--scenario', options.scenario, names(lab.scenarios));
  }
  if (options.bug !== undefined && !names(lab.bugs).includes(options.bug)) {
    throw unknownName('--bug', options.bug, names(lab.bugs));
  }
  const seed = options.seed === undefined ? drawSeed() : parseSeed(options.seed);
  const plan: RunPlan = {
    seed,
    family,
    json,
    checksAll: options.checkDeterminism ?? false,
    ...(options.bug === undefined ? {} : { bug: options.bug }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
    ...shrinking(options),
  };
  const search = exhaustivePlan(options, plan, lab);
  const campaign = search === undefined ? campaignPlan(options, plan) : undefined;
  if (options.list) return { kind: 'list', json };
  return search ?? campaign ?? { kind: 'run', ...plan };
}

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
