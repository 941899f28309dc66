/** How many connections a server takes in within one second: what a herd that moves over does to it. */
const windowMs = 1_000;

export class Arrivals {
  /** Times of the last second. */
  #times: number[] = [];
  /** Most of any second. */
  peak = 0;

  add(atMs: number): void {
    this.#times = this.#times.filter((timeMs) => timeMs > atMs - windowMs);
    this.#times.push(atMs);
    this.peak = Math.max(this.peak, this.#times.length);
  }
}
