/**
 * The background sweep (G8): the safety net below the timers. Owns when it runs; each part of the
 * registry says what is due, and looks at nothing that is not. Its timer is there while something is.
 */
import type { SweepReport } from './events.ts';
import type { Journal } from './journal.ts';

/** What a sweep clears away. Each costs what it finds, and returns how many that were. */
export interface SweepTasks {
  managers(): number;
  messages(): number;
  accounts(): number;
}

export class Sweep {
  readonly #intervalMs: number;
  readonly #journal: Journal;
  readonly #tasks: SweepTasks;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, journal: Journal, tasks: SweepTasks) {
    this.#intervalMs = intervalMs;
    this.#journal = journal;
    this.#tasks = tasks;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      // Before the run: one that goes wrong must not be the last.
      this.#timer = undefined;
      this.start();
      this.run();
    }, this.#intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  run(): SweepReport {
    return this.#journal.run(() => {
      const startedAtMs = performance.now();
      const managers = this.#ask('managers');
      const messages = this.#ask('messages');
      const accounts = this.#ask('accounts');
      const durationMs = performance.now() - startedAtMs;
      const report: SweepReport = { managers, messages, accounts, durationMs };
      this.#journal.record('sweepFinished', report);
      return report;
    });
  }

  /** What fails is reported and keeps no other part from its turn. */
  #ask(task: keyof SweepTasks): number {
    try {
      return this.#tasks[task]();
    } catch (error) {
      this.#journal.hookFailed('sweep', error);
      return 0;
    }
  }
}
