/** The commands that reports name: what to paste into a shell at the root of the repository. */
import type { Commands } from '../report/commands.ts';
import type { SystemEntry } from '../run/system.ts';

/** The command that starts the program. */
export const programName = 'npm run sim --';

/** The value of `--bug` that removes a bug. */
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
