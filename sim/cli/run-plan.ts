/** What a checked command line says of the runs that it asks for, and the list of systems that it chooses from. */
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
