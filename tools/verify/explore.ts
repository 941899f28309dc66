/** One exhaustive search, in threads. */

import { lineProgress } from '../../sim/cli/progress.ts';
import { WalkTeam } from '../../sim/cli/walk-team.ts';
import { type SearchJson, searchJson } from '../../sim/report/exhaustive-report.ts';
import { Search } from '../../sim/search/exhaustive/exhaustive-search.ts';
import type { VerificationLab } from './lab.ts';
import type { Means } from './means.ts';

/** All paths of up to `depth` actions, or those up to the first that breaks something. */
export async function explore(
  depth: number,
  { universe }: VerificationLab,
  { threads, startThread, onProgress }: Means,
): Promise<SearchJson> {
  const search = new Search(depth);
  const team = new WalkTeam(threads, {}, startThread);
  try {
    for (let news = search.deepen(); news !== undefined; news = search.deepen()) {
      const { jobs, level, virtualMs } = search;
      const goal = { runs: jobs.length, from: { runs: 0, failed: 0, virtualMs } };
      const write = (line: string): void =>
        onProgress(`all paths of ${level.depth} of ${depth} actions: ${line.trimEnd()}`);
      const progress = lineProgress(write, goal, () => performance.now());
      await team.walk(
        jobs,
        news,
        (step) => {
          search.add(step);
          // The small levels are over before a progress line is due.
          if (jobs.length < 500) return;
          const failed = search.failure === undefined ? 0 : 1;
          progress.advance({ runs: level.runs, failed, virtualMs: search.virtualMs });
        },
        () => search.failure !== undefined,
      );
    }
  } finally {
    await team.end();
  }
  return searchJson(search, { universe, depthAsked: depth, isInterrupted: false });
}
