/** The run of a scenario file, from checked options; and the file itself, read. */

import type { Command as Program } from 'commander';
import { readScenarioFile, ScenarioFileError } from '../scenario/scenario-file.ts';
import { replayFileCommand } from './commands.ts';
import type { Io } from './io.ts';
import type { Lab } from './lab.ts';
import type { Options } from './options.ts';
import type { RunPlan } from './parse-command.ts';
import { reason } from './print.ts';
import { shrinking } from './shrink-plan.ts';
import { quoted, UsageError, unknownName } from './usage-error.ts';

export interface ReplayPlan extends Omit<RunPlan, 'seed' | 'family' | 'bug' | 'replay'> {
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

/** How `--bug` takes a bug away. */
const noBug = 'none';

/** The replay that `options` ask for, or nothing when they ask for none. */
export function replayPlan(
  program: Program,
  options: Options,
  bugs: readonly string[],
): ReplayPlan | undefined {
  const { replay: file, bug } = options;
  if (file === undefined) return undefined;
  for (const { long, attributeName } of program.options.map((option) => ({
    long: option.long,
    attributeName: option.attributeName(),
  }))) {
    if (program.getOptionValueSource(attributeName) !== 'cli') continue;
    if (companions.has(attributeName)) continue;
    throw new UsageError(`--replay makes the run of a file; leave ${long} out`);
  }
  if (bug !== undefined && bug !== noBug && !bugs.includes(bug)) {
    throw unknownName('--bug', bug, [noBug, ...bugs]);
  }
  return {
    kind: 'replay',
    file,
    json: options.json ?? false,
    checksAll: options.checkDeterminism ?? false,
    ...(bug === undefined ? {} : { bug: bug === noBug ? null : bug }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
    ...shrinking(options),
  };
}

/**
 * The plan of the run that the file describes: a family of one scenario.
 *
 * @throws {UsageError} when there is no such file, or this code does not understand it.
 */
export function planOfFile({ kind, file, bug, ...plan }: ReplayPlan, io: Io, lab: Lab): RunPlan {
  const { scenarioShape } = lab;
  const read = scenarioOf(file, io, lab);
  const scenario = bug === undefined ? read : scenarioShape.withBug(read, bug);
  const planted = scenarioShape.bugOf(scenario);
  return {
    ...plan,
    seed: scenario.seed,
    family: { name: scenario.name, description: file, make: () => scenario },
    ...(planted === null ? {} : { bug: planted }),
    replay: replayFileCommand(file, bug === null ? noBug : bug),
  };
}

function scenarioOf(file: string, io: Io, { scenarioShape }: Lab) {
  let text: string | undefined;
  try {
    text = io.readText(file);
  } catch (error) {
    throw new UsageError(`--replay ${quoted(file)} cannot be read: ${reason(error)}`);
  }
  if (text === undefined) throw new UsageError(`--replay ${quoted(file)} is not there`);
  try {
    return readScenarioFile(text, scenarioShape.check).scenario;
  } catch (error) {
    if (!(error instanceof ScenarioFileError)) throw error;
    throw new UsageError(`--replay ${quoted(file)} ${error.message}`.replaceAll('\n', ' '));
  }
}
