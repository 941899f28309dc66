/** The one command that brings a run back. Text, JSON and every later rendering take it from here. */

/** What it takes to make the same run again. */
export interface RunName {
  readonly seed: number;
  readonly scenario: string;
  /** The seeded bug that the run was made with. */
  readonly bug?: string;
}

/** A command to paste into a shell at the root of the repository. It names the scenario even where it is the default. */
export function replayCommand(run: RunName): string {
  const bug = run.bug === undefined ? '' : ` --bug ${run.bug}`;
  return `npm run sim -- --seed ${run.seed} --scenario ${run.scenario}${bug}`;
}

/** Brings back the run of a scenario file, with another seeded bug than its own, or `none`. */
export function replayFileCommand(file: string, bug?: string): string {
  const other = bug === undefined ? '' : ` --bug ${bug}`;
  return `npm run sim -- --replay ${word(file)}${other}`;
}

/** Runs the test that was written beside a scenario file. */
export function testCommand(file: string): string {
  return `npx vitest run ${word(file)}`;
}

/** One word for a shell. */
function word(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
