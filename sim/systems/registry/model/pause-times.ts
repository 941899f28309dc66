/** When the event loop of a process was paused. A deadline in a pause is postponed by its length. */
interface ProcessPause {
  readonly fromMs: number;
  readonly untilMs: number;
}

export class PauseTimes {
  readonly #pauses: ProcessPause[] = [];

  add(fromMs: number, durationMs: number): void {
    this.#pauses.push({ fromMs, untilMs: fromMs + durationMs });
  }

  /** For how many milliseconds of this interval it was paused. */
  withinMs(fromMs: number, untilMs: number): number {
    let sumMs = 0;
    let coveredUntilMs = fromMs;
    // Sorted by start, so that overlapping pauses count once.
    for (const stall of this.#pauses) {
      const startMs = Math.max(stall.fromMs, coveredUntilMs);
      const endMs = Math.min(stall.untilMs, untilMs);
      if (endMs <= startMs) continue;
      sumMs += endMs - startMs;
      coveredUntilMs = endMs;
    }
    return sumMs;
  }
}

/** The part of it that measures bounds. */
export interface Clock {
  readonly nowMs: number;
  readonly pauseTimes: PauseTimes;
}
