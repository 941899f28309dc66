/**
 * The one runner of properties. It runs a property on the registry as it ships, or with a seeded bug planted, and it owns
 * what a failure says: what broke, the smallest input that breaks it, and the command that shows it again.
 */
import fc from 'fast-check';
import { libraryWith } from '../../sim/systems/registry/bugs/plant.ts';
import type { Library } from '../../sim/systems/registry/library.ts';
import {
  bugFromEnvironment,
  commandsFromEnvironment,
  pathFromEnvironment,
  replayLine,
  runsFromEnvironment,
  seedFromEnvironment,
} from './environment.ts';

/** What a property is run on. */
export interface PropertyContext {
  /** The registry, with the seeded bug planted in it if there is one. */
  readonly library: Library;
  /** Name of that bug. */
  readonly bug: string | null;
  /** What a sequence of commands needs to be drawn again; other inputs ignore it. */
  readonly replayPath?: string;
}

export interface Property {
  /** Also the name of its test. Free of characters that mean something to a regular expression or a shell. */
  readonly title: string;
  /** How many runs there are if the environment does not say. */
  readonly runs: number;
  /** Whether its seed depends on its title too: properties that draw the same inputs would show less together. */
  readonly hasOwnSeed?: true;
  over(context: PropertyContext): fc.IAsyncProperty<unknown>;
  /** Lines of a report about a counterexample. @default what was seen, and one line for each input */
  describe?(counterexample: unknown, context: PropertyContext): Promise<readonly string[]>;
}

/** The same property with a fifth of its runs, for `npm test`; the long tests run it whole. */
export function shortened<P extends Property>(property: P): P {
  return { ...property, runs: Math.ceil(property.runs / 5) };
}

/** Real milliseconds that a test of a property may take: each run has what it needs ten times over. */
export function timeoutMsFor(runs?: number): number {
  return 30_000 + 1_000 * runsFromEnvironment(runs);
}

/**
 * Throws a report of the smallest counterexample found.
 *
 * `LEAKTIGHT_SEED` (an integer, or a commit hash), `LEAKTIGHT_RUNS`, `LEAKTIGHT_PATH`, `LEAKTIGHT_COMMANDS` and
 * `LEAKTIGHT_BUG` choose what is run.
 */
export async function assertProperty(property: Property): Promise<void> {
  const path = pathFromEnvironment();
  const report = await check(property, {
    seed: 'path' in path ? seedFromEnvironment() : seedOf(property),
    numRuns: runsFromEnvironment(property.runs),
    bug: bugFromEnvironment(),
    ...path,
    ...commandsFromEnvironment(),
  });
  if (report !== undefined) throw new Error(report.text);
}

function seedOf({ title, hasOwnSeed }: Property): number {
  const seed = seedFromEnvironment();
  if (hasOwnSeed !== true) return seed;
  return [...title].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) | 0, seed);
}

/** Fixed where a test is about the property itself: whether a bug is found must not be left to chance. */
const fixedSeed = 42;

/** The report of a property that does not hold because a bug is planted; `undefined` if it holds all the same. */
export function reportOfBug(
  property: Property,
  bug: string,
  numRuns = 200,
): Promise<Report | undefined> {
  return check(property, { seed: fixedSeed, numRuns, bug });
}

/** Runs a property as often as it does by default, whatever the environment says. It holds. */
export async function runFixed(property: Property): Promise<void> {
  const report = await check(property, { seed: fixedSeed, numRuns: property.runs, bug: null });
  if (report !== undefined) throw new Error(report.text);
}

export interface Report {
  readonly text: string;
  /** The smallest counterexample, an input a line. */
  readonly inputs: readonly string[];
}

interface CheckOptions {
  readonly seed: number;
  readonly numRuns: number;
  readonly bug: string | null;
  readonly path?: string;
  readonly replayPath?: string;
}

async function check(property: Property, options: CheckOptions): Promise<Report | undefined> {
  const { bug, replayPath, ...parameters } = options;
  const context: PropertyContext = {
    library: await libraryWith(bug),
    bug,
    ...(replayPath === undefined ? {} : { replayPath }),
  };
  const details = await fc.check(property.over(context), parameters);
  return details.failed ? reportOf(property, details, context) : undefined;
}

async function reportOf(
  property: Property,
  details: fc.RunDetails<unknown>,
  context: PropertyContext,
): Promise<Report> {
  const { title } = property;
  const { counterexample, errorInstance, numRuns, numShrinks, counterexamplePath, seed } = details;
  if (counterexample === null) throw errorInstance ?? new Error(`${title}: too few runs`);
  const shown = (counterexample as readonly unknown[]).map((input) => fc.stringify(input));
  // fast-check says it in a comment behind the commands, and nowhere else.
  const commands = /\/\*replayPath="([^"]*)"\*\//.exec(shown.join('\n'))?.[1];
  const inputs = shown
    .flatMap((input) => input.replace(/ ?\/\*replayPath=.*?\*\//, '').split('\n'))
    .filter((line) => line !== '');
  const lines =
    (await property.describe?.((counterexample as readonly unknown[])[0], context)) ??
    describe(errorInstance, inputs);
  const text = [
    `FAILED ${title}`,
    ...lines,
    `  shrunk:    ${numShrinks} times, after ${numRuns} runs`,
    `  replay:    ${replayLine({ seed, counterexamplePath, commands, bug: context.bug }, title)}`,
  ].join('\n');
  return { text, inputs };
}

function describe(error: unknown, inputs: readonly string[]): readonly string[] {
  const [first = '', ...more] = messageOf(error).split('\n');
  return [
    `  seen:      ${first}`,
    ...more.map((line) => `             ${line}`),
    ...inputs.map((line) => `  input:     ${line}`),
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
