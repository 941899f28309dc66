/**
 * Breadth-first search of a universe: all paths of one length, then all of the next. A path is extended only if it
 * reached a new state, so the first failure has the fewest actions. There are no snapshots: a state is reached again by
 * running its path again. Counts depend on the universe alone, not on the number of workers.
 */
import { createHash } from 'node:crypto';
import type { Path, PathResult } from '../../run/small-universe.ts';

/** All paths of one length. */
export interface Level {
  /** Actions of each path. */
  readonly depth: number;
  /** Runs that were made. */
  runs: number;
  /** Those of them that did not end at a state of an earlier level. */
  whole: number;
  /** States that no earlier path reached. */
  states: number;
}

export interface FoundFailure {
  readonly path: Path;
  readonly failure: NonNullable<PathResult['failure']>;
}

interface Place {
  readonly path: Path;
  readonly choices: Path;
}

export class ExhaustiveSearch {
  readonly #depthMax: number;
  readonly #digest = createHash('sha256');
  /** Every state of an earlier level. */
  readonly #known = new Set<string>();
  /** The new states of the current level, with the first path that reached each. */
  #fresh = new Map<string, Place>();
  #jobs: Path[] = [];
  #next = 0;
  #level: Level = { depth: -1, runs: 0, whole: 0, states: 0 };
  readonly levels: Level[] = [];
  events = 0;
  virtualMs = 0;
  checks = 0;
  /** The first path, in order, that broke an invariant. No later path is run. */
  failure: FoundFailure | undefined;

  /** @param depthMax Most actions of a path. */
  constructor(depthMax: number) {
    this.#depthMax = depthMax;
  }

  /** The paths of the level; none before the first `deepen`. The caller must run all of them in this order. */
  get jobs(): readonly Path[] {
    return this.#jobs;
  }

  get level(): Readonly<Level> {
    return this.#level;
  }

  get states(): number {
    return this.#known.size + this.#fresh.size;
  }

  /** The states of earlier levels: a run that reaches one may end. */
  get known(): ReadonlySet<string> {
    return this.#known;
  }

  /** Takes the result of the next path. */
  add(result: PathResult): void {
    const path = this.#jobs[this.#next];
    if (path === undefined || this.failure !== undefined) return;
    this.#next += 1;
    const level = this.#level;
    level.runs += 1;
    if (result.isWhole) level.whole += 1;
    this.events += result.events;
    this.virtualMs += result.virtualMs;
    this.checks += result.checks;
    const { state, choices, failure } = result;
    this.#digest.update(`${path.join()} ${state} ${choices.join()} ${result.events}\n`);
    if (failure !== undefined) {
      this.failure = { path, failure };
      return;
    }
    if (state === undefined || this.#known.has(state) || this.#fresh.has(state)) return;
    this.#fresh.set(state, { path, choices });
    level.states += 1;
  }

  /**
   * Begins the first or the next level. Returns the states that are known from now on, or nothing when the search is
   * over.
   */
  deepen(): readonly string[] | undefined {
    const isFirst = this.levels.length === 0;
    const isDone = this.#level.depth === this.#depthMax || this.#fresh.size === 0;
    if ((isDone && !isFirst) || this.failure !== undefined || this.#next < this.#jobs.length)
      return undefined;
    const states = [...this.#fresh.keys()];
    for (const state of states) this.#known.add(state);
    const places = [...this.#fresh.values()];
    this.#jobs = isFirst
      ? [[]]
      : places.flatMap(({ path, choices }) => choices.map((letter) => [...path, letter]));
    this.#fresh = new Map();
    this.#next = 0;
    this.#level = { depth: this.#level.depth + 1, runs: 0, whole: 0, states: 0 };
    this.levels.push(this.#level);
    return states;
  }

  /** The digest over every path and its result. Ends the search. */
  digest(): string {
    return this.#digest.digest('hex');
  }
}
