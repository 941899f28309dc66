/** The figures of one incarnation of a server, or of several, added up. */
import { noCleanups } from './records.ts';

export class Totals {
  created = 0;
  evicted = 0;
  limitHits = 0;
  /** Most managers at a time. */
  peak = 0;
  /** Most managers that one user held. */
  userPeak = 0;
  /** Fewest managers that a proactive cleanup found when it started. */
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
