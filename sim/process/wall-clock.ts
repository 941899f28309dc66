/** What the wall clock of one machine is off by. It belongs to the machine, and outlives its processes. */

export class WallClock {
  #offsetMs = 0;
  #drift: { readonly sinceMs: number; readonly untilMs: number; readonly ppm: number } | undefined;

  /** What is to be added to the true time at `nowMs`, in whole milliseconds. */
  offsetMs(nowMs: number): number {
    const drift = this.#drift;
    if (drift === undefined) return this.#offsetMs;
    const driftedMs = Math.min(nowMs, drift.untilMs) - drift.sinceMs;
    return this.#offsetMs + Math.trunc((driftedMs * drift.ppm) / 1_000_000);
  }

  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }

  /** Lets the clock run at another rate, in place of the one that it has. What it is off by stays. */
  drift(nowMs: number, ppm: number, durationMs: number): void {
    this.steady(nowMs);
    this.#drift = { sinceMs: nowMs, untilMs: nowMs + durationMs, ppm };
  }

  /** Lets the clock run at its true rate again. */
  steady(nowMs: number): void {
    this.#offsetMs = this.offsetMs(nowMs);
    this.#drift = undefined;
  }
}
