/**
 * What a checked command line says of the runs that it asks for, the commands by which reports name them, and the list of
 * systems that it chooses from.
 */
import type { Commands } from '../report/commands.ts';
import type { SystemEntry } from '../run/system.ts';
import type { ScenarioSource } from '../search/seed/run-seed.ts';

/** What the runs of one call have in common. */
export interface RunPlan extends ScenarioSource {
  readonly seed: number;
  /** Path of the file that the trace goes to. */
  readonly trace?: string;
  /** Every seed is checked for determinism. */
  readonly checksAll: boolean;
  readonly json: boolean;
  /** Most runs that shrinking a failure may take; nothing is shrunk without. */
  readonly shrinkRuns?: number;
  /** The command that makes the run again, where it is not the one of a seed. */
  readonly replay?: string;
  /** The commands that its reports name. */
  readonly commands: Commands;
}

/** All systems, the one that runs when none is named first. */
export type SystemList = readonly [SystemEntry, ...SystemEntry[]];

/** How the program is called. */
export const programName = 'npm run sim --';

/** How `--bug` takes a bug away. */
export const noBug = 'none';

/** @param command The sub-command; left out for the system that runs when none is named. */
export function commandsOf(command?: SystemEntry['command']): Commands {
  const program = command === undefined ? programName : `${programName} ${command}`;
  return {
    // It names the scenario even where it is the default.
    ofSeed: ({ seed, scenario, bug }) =>
      `${program} --seed ${seed} --scenario ${scenario}${bug === undefined ? '' : ` --bug ${bug}`}`,
    ofFile: (file, bug) =>
      `${programName} --replay ${quotedArgument(file)}${bug === undefined ? '' : ` --bug ${bug ?? noBug}`}`,
    ofTest: (file) => `npx vitest run ${quotedArgument(file)}`,
    checkingDeterminism: (run) => `${run} --check-determinism`,
    shrinking: (run) => `${run} --shrink`,
  };
}

/** One argument for a shell. */
function quotedArgument(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
