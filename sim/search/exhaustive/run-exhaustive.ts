/** An exhaustive search, in this thread or in workers, until it is over, something breaks, or it is interrupted. */
import type { PathResult, SmallUniverse } from '../../run/small-universe.ts';
import { Interrupt, type Means, type Progress, runHere } from '../means.ts';
import { ExhaustiveSearch } from './exhaustive-search.ts';
import { type ExhaustivePlan, PathPool } from './path-runner.ts';

export interface ExhaustiveResult {
  readonly search: ExhaustiveSearch;
  readonly isInterrupted: boolean;
}

/** @param begin Called before each level. */
export async function runExhaustive(
  plan: ExhaustivePlan,
  means: Omit<Means, 'simulate'>,
  begin: (search: ExhaustiveSearch) => Progress,
): Promise<ExhaustiveResult> {
  const { universe, bug, workers } = plan;
  const search = new ExhaustiveSearch(plan.depth);
  const interrupt = new Interrupt(means);
  const isOver = (): boolean => interrupt.isRequested || search.failure !== undefined;
  const pool =
    workers > 0 ? new PathPool(workers, plan, (work) => means.startWorker(work)) : undefined;
  try {
    for (let news = search.deepen(); news !== undefined; news = search.deepen()) {
      const progress = begin(search);
      const onResult = (result: PathResult): void => {
        search.add(result);
        const { virtualMs, level } = search;
        progress.advance({ runs: level.runs, failed: search.failure ? 1 : 0, virtualMs });
      };
      try {
        if (pool !== undefined) await pool.walk(search.jobs, news, onResult, isOver);
        else await walkHere(search, { universe, bug, onResult, isOver }, means);
      } finally {
        // Whatever happens, the terminal gets its cursor back.
        progress.stop();
      }
      if (isOver()) break;
    }
  } finally {
    await pool?.end();
    interrupt.off();
  }
  return { search, isInterrupted: interrupt.isRequested };
}

interface Walks {
  readonly universe: SmallUniverse;
  readonly bug: string | undefined;
  readonly onResult: (result: PathResult) => void;
  readonly isOver: () => boolean;
}

function walkHere(
  search: ExhaustiveSearch,
  { universe, bug, ...walks }: Walks,
  means: Pick<Means, 'nowMs' | 'turn'>,
): Promise<void> {
  const isKnown = (state: string): boolean => search.known.has(state);
  const walk = (index: number) => universe.walk(search.jobs[index] ?? [], isKnown, bug);
  return runHere({ ...walks, from: 0, until: search.jobs.length }, walk, means);
}
