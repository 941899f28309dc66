/** The run of a scenario file, and whether a failure is shrunk, from checked options; and the file itself, read. */
import type { Command as Program } from 'commander';
import { openSystem, type System } from '../run/system.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { readScenarioFile, ScenarioFileError } from '../scenario/scenario-file.ts';
import { defaultShrinkRuns } from '../search/shrink/shrink.ts';
import { type Io, reasonOf } from './io.ts';
import { parseShrinkRuns } from './numbers.ts';
import type { Options } from './options.ts';
import { commandsOf, noBug, type RunPlan, type SystemList } from './run-plan.ts';
import { namesOf, quoted, UsageError, unknownBug } from './usage-error.ts';

export interface ReplayCommand
  extends Pick<RunPlan, 'json' | 'checksAll' | 'trace' | 'shrinkRuns'> {
  readonly kind: 'replay';
  readonly file: string;
  /** The seeded bug instead of the one that the file names; `null` for the code as it ships. */
  readonly bug?: string | null;
}

/** What a file goes with: it says itself what is run, and it is one run. */
const companions: ReadonlySet<string> = new Set([
  'replay',
  'bug',
  'trace',
  'json',
  'checkDeterminism',
  'shrink',
  'shrinkRuns',
]);

/** The replay that `options` ask for, or nothing when they ask for none. */
export function replayCommand(program: Program, options: Options): ReplayCommand | undefined {
  const { replay: file, bug } = options;
  if (file === undefined) return undefined;
  for (const option of program.options) {
    const name = option.attributeName();
    if (program.getOptionValueSource(name) !== 'cli' || companions.has(name)) continue;
    throw new UsageError(`--replay makes the run of a file; leave ${option.long} out`);
  }
  const shrinkRuns = shrinkRunsOf(options);
  return {
    kind: 'replay',
    file,
    json: options.json ?? false,
    checksAll: options.checkDeterminism ?? false,
    ...(bug === undefined ? {} : { bug: bug === noBug ? null : bug }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
    ...(shrinkRuns === undefined ? {} : { shrinkRuns }),
  };
}

/**
 * The plan of the run that the file describes: a family of one scenario.
 *
 * @throws {UsageError} when there is no such file, this code does not understand it, or its system has no such bug.
 */
export function planOfFile(
  { kind, file, bug, ...plan }: ReplayCommand,
  io: Io,
  systems: SystemList,
): RunPlan {
  const { system, scenario: read } = scenarioOf(file, io, systems);
  const bugs = namesOf(system.bugs);
  if (bug !== undefined && bug !== null && !bugs.includes(bug)) {
    throw unknownBug(bug, system, [noBug]);
  }
  const scenario = bug === undefined ? read : system.shape.withBug(read, bug);
  const planted = system.shape.bugOf(scenario);
  const [defaultSystem] = systems;
  const { command } = systems.find(({ name }) => name === system.name) ?? defaultSystem;
  const commands = commandsOf(command === defaultSystem.command ? undefined : command);
  return {
    ...plan,
    system,
    commands,
    seed: scenario.seed,
    family: { name: scenario.name, description: file, make: () => scenario },
    ...(planted === null ? {} : { bug: planted }),
    replay: commands.ofFile(file, bug),
  };
}

function scenarioOf(
  file: string,
  io: Io,
  systems: SystemList,
): { readonly system: System; readonly scenario: Scenario } {
  let text: string | undefined;
  try {
    text = io.readText(file);
  } catch (error) {
    throw new UsageError(`--replay ${quoted(file)} cannot be read: ${reasonOf(error)}`);
  }
  if (text === undefined) throw new UsageError(`--replay ${quoted(file)} is not there`);
  let system: System | undefined;
  try {
    const { scenario } = readScenarioFile(text, (made, name) => {
      system = systemNamed(name, systems);
      system.shape.check(made);
    });
    return { system: system ?? systemNamed(undefined, systems), scenario };
  } catch (error) {
    if (!(error instanceof ScenarioFileError)) throw error;
    throw new UsageError(`--replay ${quoted(file)} ${error.message}`.replaceAll('\n', ' '));
  }
}

/** A file of format 1 names none: it is of the first system. */
function systemNamed(name: string | undefined, systems: SystemList): System {
  const asked = name ?? systems[0].name;
  if (namesOf(systems).includes(asked)) return openSystem(systems, { name: asked, options: {} });
  throw new ScenarioFileError(
    `is of system '${asked}', and the systems here are ${namesOf(systems).join(', ')}`,
  );
}

const forMany = { runs: '--runs', minutes: '--minutes' } as const;

/**
 * Most runs that shrinking a failure may take, or nothing when none is shrunk.
 *
 * @throws {UsageError} when more than one run is asked for: each failure has a scenario of its own.
 */
export function shrinkRunsOf(options: Options): number | undefined {
  const { shrink, shrinkRuns } = options;
  if (shrink === undefined) {
    if (shrinkRuns === undefined) return undefined;
    throw new UsageError('--shrink-runs is for a failure that is shrunk; give --shrink too');
  }
  for (const [name, flag] of Object.entries(forMany)) {
    if (options[name as keyof typeof forMany] === undefined) continue;
    throw new UsageError(`--shrink is for one run; give the --seed of a failure without ${flag}`);
  }
  return shrinkRuns === undefined ? defaultShrinkRuns : parseShrinkRuns(shrinkRuns);
}
