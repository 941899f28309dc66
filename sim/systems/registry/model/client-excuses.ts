/** Until when a tab cannot be blamed for silence: what was done to it, or to the server, may have kept it from speaking. */
/** How long a tab must have been well before anything that happens to it is wrong: longer than any probe or ping. */
export const wellForMs = 15_000;

export class ClientExcuses {
  readonly #untilMs = new Map<string, number>();
  readonly #cutUntilMs = new Map<string, number>();

  /** In virtual milliseconds; `Infinity` until it is well again. Never ends earlier than it already would. */
  until(tab: string, untilMs: number): void {
    this.#untilMs.set(tab, Math.max(untilMs, this.endMs(tab)));
  }

  /** What was is over, or begins anew. */
  endsAt(tab: string, atMs: number): void {
    this.#untilMs.set(tab, atMs);
  }

  /** Neither a word of this tab nor an acknowledgement can be relied on until then. */
  cutUntil(tab: string, untilMs: number): void {
    this.until(tab, untilMs);
    this.#cutUntilMs.set(tab, Math.max(untilMs, this.#cutUntilMs.get(tab) ?? 0));
  }

  /** For how many more milliseconds it is cut off. */
  cutForMs(tab: string, nowMs: number): number {
    return Math.max(0, (this.#cutUntilMs.get(tab) ?? 0) - nowMs);
  }

  /** When the last trouble of this tab ended, or will; 0 when it had none. */
  endMs(tab: string): number {
    return this.#untilMs.get(tab) ?? 0;
  }
}
