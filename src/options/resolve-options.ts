/**
 * Checks the options of a registry and fills in the defaults, in the one place that does. The code below it never
 * asks whether an option is there.
 */
import { checkNames } from './option-checks.ts';
import { resolveTable } from './option-rows.ts';
import { REGISTRY_OPTIONS } from './option-table.ts';
import type { RegistryOptions, ResolvedRegistryOptions } from './registry-options.ts';

/** @throws {InvalidOptionError} naming the option and showing the value, or the nearest known name. */
export function resolveOptions(options: RegistryOptions = {}): ResolvedRegistryOptions {
  checkNames('RegistryOptions', options, Object.keys(REGISTRY_OPTIONS));
  // The secret is left out: code that logs the options must not log it.
  const { identitySecret, ...values } = resolveTable(REGISTRY_OPTIONS, options);
  return Object.freeze({ ...values, hasIdentitySecret: identitySecret !== undefined });
}
