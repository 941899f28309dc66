/** The options of `registry.shutdown()`, and their check. */
import { SHUTDOWN_OPTIONS } from './call-option-tables.ts';
import { checkNames } from './option-checks.ts';
import { type Resolved, resolveTable } from './option-rows.ts';
import type { ResolvedRegistryOptions } from './registry-options.ts';

export interface ShutdownOptions {
  /**
   * Milliseconds within which it settles. 0 terminates at once.
   *
   * @default the option `drainMs` of the registry
   */
  readonly drainMs?: number | undefined;
  /**
   * Connections that are closed at a time.
   *
   * @default the option `drainBatchSize` of the registry
   */
  readonly batchSize?: number | undefined;
  /**
   * Milliseconds between two batches.
   *
   * @default the option `drainBatchIntervalMs` of the registry
   */
  readonly batchIntervalMs?: number | undefined;
}

export interface CheckedShutdownOptions extends Resolved<typeof SHUTDOWN_OPTIONS> {
  readonly retryMaxMs: number;
}

/** @throws {InvalidOptionError} */
export function checkShutdownOptions(
  given: ShutdownOptions,
  options: ResolvedRegistryOptions,
): CheckedShutdownOptions {
  checkNames('shutdown options', given, Object.keys(SHUTDOWN_OPTIONS));
  const checked = resolveTable(SHUTDOWN_OPTIONS, given, options);
  return { ...checked, retryMaxMs: options.drainRetryMaxMs };
}
