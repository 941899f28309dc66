/**
 * Errors that no code caught during a run. They become an outcome, so the process's own handlers (a test runner's, say)
 * are set aside until the run is over.
 */
type RejectionListener = (...args: unknown[]) => void;

export class UncaughtErrors {
  readonly #rejectionListeners: RejectionListener[];
  readonly #hadCapture: boolean;

  constructor(report: (error: unknown) => void) {
    this.#rejectionListeners = process.rawListeners('unhandledRejection') as RejectionListener[];
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', report);
    // A capture that was set before (a REPL's, say) cannot be read back, so it is left alone.
    this.#hadCapture = process.hasUncaughtExceptionCaptureCallback();
    if (!this.#hadCapture) process.setUncaughtExceptionCaptureCallback(report);
  }

  dispose(): void {
    process.removeAllListeners('unhandledRejection');
    for (const listener of this.#rejectionListeners) process.on('unhandledRejection', listener);
    if (!this.#hadCapture) process.setUncaughtExceptionCaptureCallback(null);
  }
}
