/** When the event loop of a process stood still: what falls due meanwhile is late by as much, and that is no fault. */
interface ProcessPause {
  readonly fromMs: number;
  readonly untilMs: number;
}

export class PauseTimes {
  readonly #pauses: ProcessPause[] = [];

  add(fromMs: number, durationMs: number): void {
    this.#pauses.push({ fromMs, untilMs: fromMs + durationMs });
  }

  /** For how many milliseconds of this time it stood still. */
  withinMs(fromMs: number, untilMs: number): number {
    let sumMs = 0;
    let coveredUntilMs = fromMs;
    // In the order of their beginnings, so that those which overlap count once.
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

/** What a bound is measured with. */
export interface Clock {
  readonly nowMs: number;
  readonly pauseTimes: PauseTimes;
}
