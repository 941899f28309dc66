/** When cleanups of each user ran, and when the next one is due. The invariants of cleanups use it. */
import type { CleanupKind } from '../../../../src/index.ts';

export class CleanupTimes {
  readonly #cooldownMs: number;
  /** Cleanups that run now, by user. */
  readonly #running = new Map<string, number>();
  /** Until when a user is in the cooldown of its last proactive cleanup. */
  readonly #restUntilMs = new Map<string, number>();
  /** When the last emergency cleanup of a user ended. */
  readonly #emergencyEndedMs = new Map<string, number>();

  constructor(cooldownMs: number) {
    this.#cooldownMs = cooldownMs;
  }

  running(userId: string): number {
    return this.#running.get(userId) ?? 0;
  }

  restUntilMs(userId: string): number {
    return this.#restUntilMs.get(userId) ?? 0;
  }

  isDue(userId: string, nowMs: number): boolean {
    return this.running(userId) <= 0 && nowMs >= this.restUntilMs(userId);
  }

  /** Milliseconds since the end of the user's last emergency cleanup. */
  sinceEmergencyMs(userId: string, nowMs: number): number {
    return nowMs - (this.#emergencyEndedMs.get(userId) ?? Number.NEGATIVE_INFINITY);
  }

  started(userId: string): void {
    this.#running.set(userId, this.running(userId) + 1);
  }

  finished(userId: string, kind: CleanupKind, nowMs: number): void {
    this.#running.set(userId, (this.#running.get(userId) ?? 1) - 1);
    this.#restUntilMs.set(userId, nowMs + this.#cooldownMs);
    if (kind === 'emergency') this.#emergencyEndedMs.set(userId, nowMs);
  }
}
