/**
 * The input of an exhaustive search: a world so small that all orders of its actions can be tried. An action is a
 * letter, and a path is a sequence of letters.
 */
import type { Scenario } from '../scenario/scenario.ts';
import type { Failure } from './outcome.ts';

/** Letters, in the order in which their actions happen. */
export type Path = readonly number[];

export interface SmallUniverse {
  /** Name of the family of scenarios that its paths make; a path is a seed there. */
  readonly name: string;
  /** A description of its hosts, limits and timing, for reports. */
  readonly description: readonly (readonly [label: string, value: string])[];
  /** What each letter does, as text. */
  readonly letters: readonly string[];
  /** Plain JSON for every path. */
  scenarioOf(path: Path, bug?: string): Scenario;
  /**
   * Runs a path. @param isKnown Called with the state after the last action: a run that reaches a known state ends
   * there.
   */
  walk(path: Path, isKnown: (state: string) => boolean, bug?: string): Promise<PathResult>;
}

/** The result of one path. Plain data. */
export interface PathResult {
  /** Fingerprint of the state after the last action; absent when the run broke before. */
  readonly state?: string;
  /** Letters that have an effect in that state: one of each symmetry class. */
  readonly choices: Path;
  /** Whether the run was complete: all clients left, and the settled invariants were checked. */
  readonly isWhole: boolean;
  readonly events: number;
  readonly virtualMs: number;
  /** How often invariants were checked. */
  readonly checks: number;
  readonly failure?: Omit<Failure, 'stack'>;
}
