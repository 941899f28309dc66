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
