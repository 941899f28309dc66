/**
 * The background sweep (G8): the safety net below the timers. Owns when it runs; each part of the
 * registry finds what is due, and looks at nothing else. The timer runs while there is a manager.
 */

import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { SweepReport } from '../telemetry/event-payloads.ts';

/** What a sweep removes. The cost of each is that of what it finds; it returns how many that were. */
export interface SweepTasks {
  managers(): number;
  messages(): number;
  accounts(): number;
}

export class Sweep {
  readonly #intervalMs: number;
  readonly #dispatcher: EventDispatcher;
  readonly #tasks: SweepTasks;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, dispatcher: EventDispatcher, tasks: SweepTasks) {
    this.#intervalMs = intervalMs;
    this.#dispatcher = dispatcher;
    this.#tasks = tasks;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      // Before the run: a sweep that throws must not be the last.
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
    return this.#dispatcher.run(() => {
      const startedAtMs = performance.now();
      const managers = this.#ask('managers');
      const messages = this.#ask('messages');
      const accounts = this.#ask('accounts');
      const durationMs = performance.now() - startedAtMs;
      const report: SweepReport = { managers, messages, accounts, durationMs };
      this.#dispatcher.record('sweepFinished', report);
      return report;
    });
  }

  /** Reports a failure, so that the other parts are swept all the same. */
  #ask(task: keyof SweepTasks): number {
    try {
      return this.#tasks[task]();
    } catch (error) {
      this.#dispatcher.hookFailed('sweep', error);
      return 0;
    }
  }
}
