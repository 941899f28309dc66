/**
 * The smallest scenario found so far that breaks the same invariant, and the count of the runs that it took. Every
 * candidate is tried here: one that passes, or fails in another way, is never accepted.
 */

import { createHash } from 'node:crypto';
import type { Failure, Outcome } from '../../run/outcome.ts';
import type { Scenario } from '../../scenario/scenario.ts';

/** Runs a scenario. An error of the simulator itself is an outcome too. */
export type Simulate = (scenario: Scenario) => Promise<Outcome>;

/** The result of a tried scenario: it passed, or broke an invariant, perhaps also without the seeded bug. */
export type Seen =
  | { readonly passed: true }
  | { readonly broke: string; readonly alsoWithoutBug?: true };

export interface SearchOptions {
  readonly simulate: Simulate;
  /** Throws for an invalid scenario: a required field was dropped. */
  readonly check: (scenario: Scenario) => void;
  /** Most runs. The best scenario found by then is kept. */
  readonly runsMax: number;
  /** Called before each run: returns whether to stop. */
  readonly isStopped?: () => boolean | Promise<boolean>;
  /** The same scenario without the seeded bug. It must pass, or the bug is not what breaks the invariant. */
  readonly control?: (scenario: Scenario) => Scenario;
}

export class Search {
  best: Scenario;
  outcome: Outcome;
  runs = 0;
  isStopped = false;
  readonly #failure: Failure;
  readonly #options: SearchOptions;
  /** Results of tried candidates, by digest: passes produce the same candidates again and again. */
  readonly #seen = new Map<string, Seen>();

  constructor(scenario: Scenario, outcome: Outcome, failure: Failure, options: SearchOptions) {
    this.best = scenario;
    this.outcome = outcome;
    this.#failure = failure;
    this.#options = options;
    this.#seen.set(digestOf(scenario), { broke: failure.invariant });
  }

  get isOver(): boolean {
    const { runsMax, control } = this.#options;
    const runsOfOne = control === undefined ? 1 : 2;
    return this.isStopped || this.runs + runsOfOne > runsMax;
  }

  /**
   * Makes the candidate the best one if it still breaks the invariant. Makes no run for one that was tried before.
   */
  async try(candidate: Scenario): Promise<boolean> {
    const key = digestOf(candidate);
    if (this.isOver || this.#seen.has(key) || !this.#isScenario(candidate)) return false;
    if (await this.#options.isStopped?.()) {
      this.isStopped = true;
      return false;
    }
    const outcome = await this.#run(candidate);
    this.#seen.set(key, seenIn(outcome));
    if (!this.#isSame(outcome.failure)) return false;
    if (!(await this.#passesControl(candidate))) {
      this.#seen.set(key, { broke: this.#failure.invariant, alsoWithoutBug: true });
      return false;
    }
    this.best = candidate;
    this.outcome = outcome;
    return true;
  }

  /** Returns a function that discards everything found from now on. Results of tried candidates are kept. */
  mark(): () => void {
    const { best, outcome } = this;
    return () => {
      this.best = best;
      this.outcome = outcome;
    };
  }

  /** The result of a scenario, if it was tried. */
  seen(scenario: Scenario): Seen | undefined {
    return this.#seen.get(digestOf(scenario));
  }

  #isScenario(candidate: Scenario): boolean {
    try {
      this.#options.check(candidate);
      return true;
    } catch {
      return false;
    }
  }

  async #passesControl(candidate: Scenario): Promise<boolean> {
    const { control } = this.#options;
    if (control === undefined) return true;
    const { failure } = await this.#run(control(candidate));
    return failure === undefined;
  }

  #run(scenario: Scenario): Promise<Outcome> {
    this.runs += 1;
    return this.#options.simulate(scenario);
  }

  #isSame(failure: Failure | undefined): boolean {
    if (failure?.invariant !== this.#failure.invariant) return false;
    // "Nothing throws" is one invariant, but each error that breaks it is a different failure.
    return this.#failure.stack === undefined || shapeOf(failure) === shapeOf(this.#failure);
  }
}

function seenIn({ failure }: Outcome): Seen {
  return failure === undefined ? { passed: true } : { broke: failure.invariant };
}

/** The first line of an error without its names and numbers. */
function shapeOf({ detail }: Failure): string {
  return (detail.split('\n', 1)[0] ?? '').replace(/\S*[\d.]\S*/g, '#');
}

function digestOf(scenario: Scenario): string {
  return createHash('sha256').update(JSON.stringify(scenario)).digest('base64');
}
