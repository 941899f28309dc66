/**
 * What an exhaustive search walks through: a world so small that all orders of its actions can be tried. An action is a
 * letter; a path is the word that is made of letters.
 */
import type { Scenario } from '../scenario/scenario.ts';
import type { Failure } from './outcome.ts';

/** Letters, in the order in which their actions happen. */
export type Path = readonly number[];

export interface SmallUniverse {
  /** Name of the family of scenarios that its paths make; a path is a seed there. */
  readonly name: string;
  /** What there is in it and what is always done, for a reader. */
  readonly description: readonly (readonly [label: string, value: string])[];
  /** What each letter does, in words. */
  readonly letters: readonly string[];
  /** Plain JSON for every path. */
  scenarioOf(path: Path, bug?: string): Scenario;
  /** Runs a path. @param isKnown Asked for the state after the last action: a run that gets to a known one ends there. */
  walk(path: Path, isKnown: (state: string) => boolean, bug?: string): Promise<PathResult>;
}

/** What came of one path. Plain data. */
export interface PathResult {
  /** Fingerprint of the state after the last action; absent when the run broke before. */
  readonly state?: string;
  /** Letters that do something in that state: one of each class that symmetry makes equal. */
  readonly choices: Path;
  /** Whether the run went on to its end: all clients left, and nothing was to be left. */
  readonly isWhole: boolean;
  readonly events: number;
  readonly virtualMs: number;
  /** How often invariants were asked. */
  readonly checks: number;
  readonly failure?: Omit<Failure, 'stack'>;
}
