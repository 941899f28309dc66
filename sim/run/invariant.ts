/** Invariants as named functions, and how often each was checked. */
import type { Failure, InvariantCount } from './outcome.ts';

export interface Invariant<State> {
  /** Reads as a sentence, positive if possible. */
  readonly name: string;
  /** The guarantee that it checks, e.g. `G3`. */
  readonly guarantee: string;
  readonly description: string;
  /**
   * `always`: after every event. `settled`: once, when faults have stopped, all clients have left and the stated time
   * has passed.
   */
  readonly when: 'always' | 'settled';
  /**
   * What is wrong, in numbers and ids; `undefined` when it holds. It has no side effects, and is cheap when nothing
   * changed.
   */
  check(state: State): string | undefined;
}

interface Counted<State> {
  readonly invariant: Invariant<State>;
  checks: number;
  failures: number;
}

/** The invariants of the engine itself, for any system under test. */
export const engineInvariants = {
  uncaught: 'no error is left uncaught',
  livelock: 'virtual time goes on',
  hang: 'every event ends',
  stopped: 'the process is left running',
  escape: 'nothing leaves the simulation',
  simulator: 'the simulator keeps its own rules',
} as const;

/** Whether a failure depends on real time: the next run may then pass. */
export function isOfRealTime(invariant: string | undefined): boolean {
  return invariant === engineInvariants.hang || invariant === engineInvariants.stopped;
}

export class Checker<State> {
  readonly #counted: readonly Counted<State>[];
  readonly #always: readonly Counted<State>[];
  readonly #settled: readonly Counted<State>[];
  failure: Failure | undefined;

  constructor(invariants: readonly Invariant<State>[]) {
    this.#counted = invariants.map((invariant) => ({ invariant, checks: 0, failures: 0 }));
    this.#always = this.#counted.filter(({ invariant }) => invariant.when === 'always');
    this.#settled = this.#counted.filter(({ invariant }) => invariant.when === 'settled');
  }

  /** Checks all invariants of a kind in order. The first that does not hold is the failure. */
  check(
    when: Invariant<State>['when'],
    state: State,
    at: () => Pick<Failure, 'atMs' | 'event' | 'lastEvent'>,
  ): void {
    for (const counted of when === 'always' ? this.#always : this.#settled) {
      counted.checks += 1;
      const detail = counted.invariant.check(state);
      if (detail === undefined) continue;
      counted.failures += 1;
      this.failure ??= { invariant: counted.invariant.name, detail, ...at() };
    }
  }

  counts(): InvariantCount[] {
    return this.#counted.map(({ invariant, checks, failures }) => ({
      name: invariant.name,
      checks,
      failures,
    }));
  }
}
