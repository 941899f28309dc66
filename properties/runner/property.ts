/**
 * A property of the registry that can be asked of any copy of it: as it ships, or with a mistake planted. Owns how it is
 * run, and what a failure says: what broke, the smallest input that breaks it, how to see it again.
 */
import fc from 'fast-check';
import type { Library } from '../../sim/systems/registry/library.ts';
import { libraryWithMistake } from '../mistakes/index.ts';
import {
  bugFromEnvironment,
  commandsFromEnvironment,
  pathFromEnvironment,
  replayLine,
  runsFromEnvironment,
  seedFromEnvironment,
} from './environment.ts';

/** What a sequence of commands needs to be drawn again; of no use to other inputs. */
export interface Replay {
  readonly replayPath?: string;
}

export interface Property {
  /** Also the name of its test. Free of characters that mean something to a regular expression or a shell. */
  readonly title: string;
  /** How many runs there are if the environment does not say. */
  readonly runs: number;
  over(library: Library, replay: Replay): fc.IAsyncProperty<unknown>;
}

/** Real milliseconds that a test of a property may take: each run has what it needs ten times over. */
export function timeoutMsFor(runs?: number): number {
  return 30_000 + 1_000 * runsFromEnvironment(runs);
}

/**
 * Throws a report of the smallest counterexample found.
 *
 * `LEAKTIGHT_SEED`, `LEAKTIGHT_RUNS`, `LEAKTIGHT_PATH`, `LEAKTIGHT_COMMANDS` and `LEAKTIGHT_BUG` choose what is run.
 */
export async function assertProperty(property: Property): Promise<void> {
  const report = await check(property, {
    seed: seedFromEnvironment(),
    numRuns: runsFromEnvironment(property.runs),
    bug: bugFromEnvironment(),
    ...pathFromEnvironment(),
    ...commandsFromEnvironment(),
  });
  if (report !== undefined) throw new Error(report.text);
}

/** Fixed where a test is about the property itself: whether a mistake is found must not be left to chance. */
const fixed = { seed: 42, numRuns: 200 };

/** The report of a property that does not hold, since a mistake is planted; `undefined` if it holds all the same. */
export function reportOfMistake(property: Property, bug: string): Promise<Report | undefined> {
  return check(property, { ...fixed, bug });
}

/** Runs a property as often as it does by default, whatever the environment says. It holds. */
export async function runFixed(property: Property): Promise<void> {
  const report = await check(property, { ...fixed, numRuns: property.runs, bug: null });
  if (report !== undefined) throw new Error(report.text);
}

export interface Report {
  readonly text: string;
  /** The smallest counterexample, an input a line. */
  readonly inputs: readonly string[];
}

interface CheckOptions extends Replay {
  readonly seed: number;
  readonly numRuns: number;
  readonly bug: string | null;
  readonly path?: string;
}

async function check(property: Property, options: CheckOptions): Promise<Report | undefined> {
  const { bug, replayPath, ...parameters } = options;
  const library = await libraryWithMistake(bug);
  const replay = replayPath === undefined ? {} : { replayPath };
  const details = await fc.check(property.over(library, replay), parameters);
  return details.failed ? reportOf(property.title, details, bug) : undefined;
}

function reportOf(title: string, details: fc.RunDetails<unknown>, bug: string | null): Report {
  const { counterexample, errorInstance, numRuns, numShrinks, counterexamplePath, seed } = details;
  if (counterexample === null) throw errorInstance ?? new Error(`${title}: too few runs`);
  const [first = '', ...more] = messageOf(errorInstance).split('\n');
  const shown = (counterexample as readonly unknown[]).map((input) => fc.stringify(input));
  // fast-check says it in a comment behind the commands, and nowhere else.
  const commands = /\/\*replayPath="([^"]*)"\*\//.exec(shown.join('\n'))?.[1];
  const inputs = shown
    .flatMap((input) => input.replace(/ ?\/\*replayPath=.*?\*\//, '').split('\n'))
    .filter((line) => line !== '');
  const text = [
    `FAILED ${title}`,
    `  seen:      ${first}`,
    ...more.map((line) => `             ${line}`),
    ...inputs.map((line) => `  input:     ${line}`),
    `  shrunk:    ${numShrinks} times, after ${numRuns} runs`,
    `  replay:    ${replayLine({ seed, counterexamplePath, commands, bug }, title)}`,
  ].join('\n');
  return { text, inputs };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
