/** A token bucket that is filled by the wall clock. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt = Date.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = 10 * perSecond;
  }

  take(): boolean {
    const now = Date.now();
    const more = ((now - this.#filledAt) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#tokens + more, 10 * this.#perSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
