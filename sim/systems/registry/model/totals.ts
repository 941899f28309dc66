/** The figures of one incarnation of a server, or of several, added up. */
import { noCleanups } from './records.ts';

export class Totals {
  created = 0;
  evicted = 0;
  limitHits = 0;
  /** Highest number of managers at any time. */
  peak = 0;
  /** Highest number of managers of one user. */
  userPeak = 0;
  /** Lowest number of managers at the start of a proactive cleanup. */
  proactiveFrom = Number.POSITIVE_INFINITY;
  readonly cleanups = noCleanups();

  add(figures: Totals): void {
    this.created += figures.created;
    this.evicted += figures.evicted;
    this.limitHits += figures.limitHits;
    this.peak = Math.max(this.peak, figures.peak);
    this.userPeak = Math.max(this.userPeak, figures.userPeak);
    this.proactiveFrom = Math.min(this.proactiveFrom, figures.proactiveFrom);
    for (const kind of ['proactive', 'emergency', 'requested'] as const) {
      const [sum, one] = [this.cleanups[kind], figures.cleanups[kind]];
      sum.count += one.count;
      sum.removed += one.removed;
      sum.longestMs = Math.max(sum.longestMs, one.longestMs);
    }
  }
}
