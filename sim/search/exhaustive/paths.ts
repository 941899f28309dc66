/**
 * What an exhaustive search walks through: a world so small that all orders of its actions can be tried. An action is
 * a letter; a path is the word that is made of them. Knows nothing of what is simulated.
 */
import type { Failure } from '../../run/outcome.ts';
import type { Scenario } from '../../scenario/scenario.ts';

/** Letters, in the order in which their actions happen. */
export type Path = readonly number[];

export interface SmallUniverse {
  /** Name of the family of scenarios that its paths make; a path is a seed there. */
  readonly name: string;
  /** What there is in it and what is always done, for a reader. */
  readonly description: readonly (readonly [label: string, value: string])[];
  /** What each letter does, in words. */
  readonly letters: readonly string[];
  /** Plain JSON, whatever the path. */
  scenarioOf(path: Path, bug?: string): Scenario;
  /** Runs a path. @param isKnown Asked for the state after the last action: a run that gets to a known one ends there. */
  walk(path: Path, isKnown: (state: string) => boolean, bug?: string): Promise<Step>;
}

/** What came of one path. Plain data. */
export interface Step {
  /** Fingerprint of the state after the last action; absent when the run broke before. */
  readonly state?: string;
  /** Letters that do something in that state: one of each class that symmetry makes equal. */
  readonly choices: Path;
  /** Whether the run went on to its end: everybody left, and nothing was to be left. */
  readonly isWhole: boolean;
  readonly events: number;
  readonly virtualMs: number;
  /** How often invariants were asked. */
  readonly checks: number;
  readonly failure?: Omit<Failure, 'stack'>;
}

/**
 * Paths are numbered: the empty one is 0, and each further letter is a digit from 1 to `letters`, the first one lowest
 * (bijective numeration). Every path has one number, and every number is a path.
 */
export function seedOf(path: Path, letters: number): number {
  return path.reduceRight((seed, letter) => seed * letters + letter + 1, 0);
}

export function pathOf(seed: number, letters: number): Path {
  const path: number[] = [];
  for (let rest = seed; rest > 0; rest = Math.floor((rest - 1) / letters)) {
    path.push((rest - 1) % letters);
  }
  return path;
}

/** The longest paths whose numbers are all seeds, that is, below 2^53. */
export function longestPath(letters: number): number {
  let length = 0;
  let last = 0;
  while (last * letters + letters <= Number.MAX_SAFE_INTEGER) {
    last = last * letters + letters;
    length += 1;
  }
  return length;
}
