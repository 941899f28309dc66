/** Which states worth reaching a campaign reached, in how many of its runs, and which it never did. */
import { formatCount, formatTable } from './format.ts';

/** Runs from which on a campaign is long enough to be blamed for a state that it never reached. */
export const runsThatMustReach = 100;

/** One state worth reaching. */
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

  /** `seen` is what `states` of an earlier one gave. */
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

/** One line a state; nothing when there are none. */
export function sometimesTable(states: readonly SometimesState[], isJudged: boolean): string[] {
  if (states.length === 0) return [];
  const rows = states.map(({ name, runs, times, isRequired }) => [
    markOf(isRequired, runs, isJudged),
    name,
    formatCount(runs),
    formatCount(times),
  ]);
  return formatTable([['', 'state', 'runs', 'times'], ...rows], {
    align: ['left', 'left', 'right', 'right'],
  });
}

function markOf(isRequired: boolean, runs: number, isJudged: boolean): string {
  if (runs > 0) return isRequired ? 'ok' : '';
  return isJudged ? 'NEVER' : 'not reached';
}
