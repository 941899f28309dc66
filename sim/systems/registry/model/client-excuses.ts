/** Until when a tab is excused for silence, because a fault of the tab or of the server may prevent its frames. */
/** How long a tab must be free of faults before a disconnect of it is a violation: longer than any probe or ping. */
export const wellForMs = 15_000;

export class ClientExcuses {
  readonly #untilMs = new Map<string, number>();
  readonly #cutUntilMs = new Map<string, number>();

  /**
   * In virtual milliseconds; `Infinity` while the fault has no known end. A new excuse never shortens an earlier one.
   */
  until(tab: string, untilMs: number): void {
    this.#untilMs.set(tab, Math.max(untilMs, this.endMs(tab)));
  }

  /** Ends the earlier excuse, and may begin a new one. */
  endsAt(tab: string, atMs: number): void {
    this.#untilMs.set(tab, atMs);
  }

  /** Until then neither frames nor acknowledgements of this tab are reliable. */
  cutUntil(tab: string, untilMs: number): void {
    this.until(tab, untilMs);
    this.#cutUntilMs.set(tab, Math.max(untilMs, this.#cutUntilMs.get(tab) ?? 0));
  }

  /** For how many more milliseconds it is unreachable. */
  cutForMs(tab: string, nowMs: number): number {
    return Math.max(0, (this.#cutUntilMs.get(tab) ?? 0) - nowMs);
  }

  /** When the last fault of this tab ended, or will end; 0 if it had none. */
  endMs(tab: string): number {
    return this.#untilMs.get(tab) ?? 0;
  }
}
