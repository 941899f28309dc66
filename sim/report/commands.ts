/** The commands that a report names. Whatever asks for a report knows them: they are given to it, never written in it. */

/** What it takes to make the run of a seed again. */
export interface RunName {
  readonly seed: number;
  readonly scenario: string;
  /** The seeded bug that the run was made with. */
  readonly bug?: string;
}

/** Each is one line to paste into a shell. */
export interface Commands {
  /** Makes the run of a seed again. */
  ofSeed(run: RunName): string;
  /** Makes the run of a scenario file again. @param bug A seeded bug instead of the file's own; `null` for none. */
  ofFile(file: string, bug?: string | null): string;
  /** Runs a test file. */
  ofTest(file: string): string;
  /** The command of a run, with the check that its seed gives one run. */
  checkingDeterminism(command: string): string;
  /** The command of a run, with its failure made as small as it gets. */
  shrinking(command: string): string;
}
