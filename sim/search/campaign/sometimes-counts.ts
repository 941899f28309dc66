/** Which `sometimes` states a campaign reached, in how many of its runs, and which it never did. */

/** A campaign of this many runs or more fails for a required state that it never reached. */
export const runsThatMustReach = 100;

/** One `sometimes` state. */
export interface SometimesState {
  readonly name: string;
  /** Runs that reached it. */
  readonly runs: number;
  /** How often it was reached in all of them. */
  readonly times: number;
  /** Whether the scenario says that its runs reach it sometimes. */
  readonly isRequired: boolean;
}

/** Adds up the states of many runs: those that are required first, in their order, then the others by name. */
export class SometimesCounts {
  readonly #required: readonly string[];
  readonly #seen: Map<string, { readonly runs: number; readonly times: number }>;

  /** `seen` is the result of `states` of an earlier one. */
  constructor(required: readonly string[], seen: readonly SometimesState[] = []) {
    this.#required = required;
    this.#seen = new Map(seen.map(({ name, runs, times }) => [name, { runs, times }]));
  }

  add(reached: Readonly<Record<string, number>>): void {
    for (const [name, times] of Object.entries(reached)) {
      const before = this.#seen.get(name) ?? { runs: 0, times: 0 };
      this.#seen.set(name, { runs: before.runs + 1, times: before.times + times });
    }
  }

  states(): SometimesState[] {
    const others = [...this.#seen.keys()].filter((name) => !this.#required.includes(name));
    const stateOf = (name: string, isRequired: boolean): SometimesState => ({
      name,
      ...(this.#seen.get(name) ?? { runs: 0, times: 0 }),
      isRequired,
    });
    return [
      ...this.#required.map((name) => stateOf(name, true)),
      ...others.toSorted().map((name) => stateOf(name, false)),
    ].filter(({ runs, isRequired }) => isRequired || runs > 0);
  }
}
