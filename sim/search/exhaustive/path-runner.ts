/** The paths of an exhaustive search in worker threads: the tasks of a worker, and its results. */
import type { Path, PathResult, SmallUniverse } from '../../run/small-universe.ts';
import { referenceTo, type System, type SystemReference } from '../../run/system.ts';
import type { Means } from '../means.ts';
import type { Runner } from '../pool/worker.ts';
import { WorkerPool } from '../pool/worker-pool.ts';
import { pathOf, seedOf } from './paths.ts';

/** What is searched, how deep, and with how many workers. */
export interface ExhaustivePlan {
  readonly system: System;
  /** The small universe of the system. */
  readonly universe: SmallUniverse;
  /** Most actions of a path. */
  readonly depth: number;
  readonly bug?: string;
  /** Worker threads that make the runs; 0 when this thread does. */
  readonly workers: number;
}

/** Given to each worker. Plain data. */
export interface PathTask {
  readonly kind: 'paths';
  readonly system: SystemReference;
  readonly bug?: string;
}

/** One level of the search, for each worker. Plain data. */
interface Level {
  /** States that are known from now on. */
  readonly news: readonly string[];
  /** The numbers of its paths, in their order. */
  readonly seeds: Float64Array;
}

/** The result of such a task. */
export function pathRunner({ bug }: PathTask, { smallUniverse }: System): Runner<PathResult> {
  if (smallUniverse === undefined)
    throw new Error('a worker got a search without a small universe');
  const known = new Set<string>();
  let seeds: Level['seeds'] = new Float64Array();
  return {
    begin(data) {
      const level = data as Level;
      for (const state of level.news) known.add(state);
      seeds = level.seeds;
    },
    run(index) {
      const path = pathOf(seeds[index] ?? 0, smallUniverse.letters.length);
      return smallUniverse.walk(path, (state) => known.has(state), bug);
    },
  };
}

/** Walks the paths of a search in workers that are started once for all levels. */
export class PathPool {
  readonly #pool: WorkerPool<PathResult>;
  readonly #letters: number;

  constructor(
    workers: number,
    { system, universe, bug }: Pick<ExhaustivePlan, 'system' | 'universe' | 'bug'>,
    startWorker: Means['startWorker'],
  ) {
    const task: PathTask = {
      kind: 'paths',
      system: referenceTo(system),
      ...(bug === undefined ? {} : { bug }),
    };
    this.#pool = new WorkerPool({ workers, task, startWorker });
    this.#letters = universe.letters.length;
  }

  /**
   * Walks all paths and calls `onResult` for each, in order. Once `isOver`, no further one begins.
   *
   * @param news States that are known from now on.
   * @throws {Error} when a worker dies, or `onResult` throws.
   */
  walk(
    paths: readonly Path[],
    news: readonly string[],
    onResult: (result: PathResult) => void,
    isOver: () => boolean,
  ): Promise<void> {
    const seeds = Float64Array.from(paths, (path) => seedOf(path, this.#letters));
    const data: Level = { news, seeds };
    return this.#pool.runRound({ data, from: 0, until: paths.length, onResult, isOver });
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}
