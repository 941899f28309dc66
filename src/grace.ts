/**
 * How long an empty manager may stay: the graces, and what puts their end off. Owns the times; when a
 * manager is empty, and what happens then, is the manager's business.
 */
import type { ResolvedRegistryOptions } from './options.ts';

export class Grace {
  readonly #options: ResolvedRegistryOptions;
  readonly #createdAtMs: number;
  #idleSinceMs: number;
  #handedOutAtMs = Number.NEGATIVE_INFINITY;
  #everConnected = false;
  #handedOut = false;

  constructor(options: ResolvedRegistryOptions, createdAtMs: number) {
    this.#options = options;
    this.#createdAtMs = createdAtMs;
    this.#idleSinceMs = createdAtMs;
  }

  /** Whether anybody but upgrades that died ever had to do with it. */
  get wasUsed(): boolean {
    return this.#everConnected || this.#handedOut;
  }

  connected(): void {
    this.#everConnected = true;
    this.#handedOutAtMs = Number.NEGATIVE_INFINITY;
  }

  emptied(nowMs: number): void {
    this.#idleSinceMs = nowMs;
  }

  /** Somebody got it and needs a moment to connect, if nobody is connected already. */
  handedOut(nowMs: number, isEmpty: boolean): void {
    this.#handedOut = true;
    if (isEmpty) this.#handedOutAtMs = nowMs;
  }

  /** Whether somebody may be about to connect. */
  isAwaited(nowMs: number): boolean {
    const arrivalMs = Math.max(
      this.#everConnected ? Number.NEGATIVE_INFINITY : this.#createdAtMs,
      this.#handedOutAtMs,
    );
    return nowMs < arrivalMs + this.#options.birthGraceMs;
  }

  endsAtMs(): number {
    const { birthGraceMs, reconnectGraceMs } = this.#options;
    const graceMs = this.#everConnected
      ? reconnectGraceMs
      : Math.max(birthGraceMs, reconnectGraceMs);
    return Math.max(this.#idleSinceMs + graceMs, this.#handedOutAtMs + birthGraceMs);
  }
}
