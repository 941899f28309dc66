/** One exhaustive search, in threads. */

import { lineProgress } from '../../sim/cli/progress.ts';
import { commandsOf } from '../../sim/cli/run-plan.ts';
import { type SearchJson, searchJson } from '../../sim/report/exhaustive-report.ts';
import { ExhaustiveSearch } from '../../sim/search/exhaustive/exhaustive-search.ts';
import { PathPool } from '../../sim/search/exhaustive/path-runner.ts';
import type { PlanEnvironment } from './means.ts';
import type { VerifiedSystem } from './verified-system.ts';

/** All paths of up to `depth` actions, or those up to the first that breaks something. */
export async function explore(
  depth: number,
  system: VerifiedSystem,
  { threads, startThread, onProgress }: PlanEnvironment,
): Promise<SearchJson> {
  const { smallUniverse: universe } = system;
  const search = new ExhaustiveSearch(depth);
  const pool = new PathPool(threads, { system, universe }, startThread);
  try {
    for (let news = search.deepen(); news !== undefined; news = search.deepen()) {
      const { jobs, level, virtualMs } = search;
      const goal = { runs: jobs.length, from: { runs: 0, failed: 0, virtualMs } };
      const write = (line: string): void =>
        onProgress(`all paths of ${level.depth} of ${depth} actions: ${line.trimEnd()}`);
      const progress = lineProgress(write, goal, () => performance.now());
      await pool.walk(
        jobs,
        news,
        (result) => {
          search.add(result);
          // The small levels are over before a progress line is due.
          if (jobs.length < 500) return;
          const failed = search.failure === undefined ? 0 : 1;
          progress.advance({ runs: level.runs, failed, virtualMs: search.virtualMs });
        },
        () => search.failure !== undefined,
      );
    }
  } finally {
    await pool.end();
  }
  return searchJson(search, { universe, depthAsked: depth, isInterrupted: false }, commandsOf());
}
