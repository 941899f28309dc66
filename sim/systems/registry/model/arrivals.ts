/**
 * How many connections a server accepts within one second, for instance when the clients of another server reconnect.
 */
const windowMs = 1_000;

export class Arrivals {
  /** Times of the last second. */
  #times: number[] = [];
  /** The highest number within any second. */
  peak = 0;

  add(atMs: number): void {
    this.#times = this.#times.filter((timeMs) => timeMs > atMs - windowMs);
    this.#times.push(atMs);
    this.peak = Math.max(this.peak, this.#times.length);
  }
}
