/** A command line that cannot be understood, in one line that names the option, the value and what was probably meant. */

import { inspect } from 'node:util';
import { closest } from 'fastest-levenshtein';
import type { System } from '../run/system.ts';

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `--scenario 'multitab' is unknown; did you mean 'multi-tab'?` */
export function unknownName(option: string, value: string, names: readonly string[]): UsageError {
  return new UsageError(`${option} ${quoted(value)} is unknown; ${suggestion(value, names)}`);
}

/**
 * Why `--bug` cannot be this value: no bug has that name, or only a property catches it.
 *
 * @param others What `--bug` takes beside the bugs of the system.
 */
export function unknownBug(
  value: string,
  system: System,
  others: readonly string[] = [],
): UsageError {
  const ofProperty = system.propertyBugs?.find(({ name }) => name === value);
  if (ofProperty === undefined) {
    return unknownName('--bug', value, [...others, ...namesOf(system.bugs)]);
  }
  const { property } = ofProperty.caughtBy;
  return new UsageError(
    `--bug ${quoted(value)} is caught by a property and by no run: npm run properties -- -t ${quoted(property)}`,
  );
}

/** The nearest of `names`, as a question. A name that goes on as `value` starts is nearer than any that is spelt alike. */
export function suggestion(value: string, names: readonly string[]): string {
  if (names.length === 0) return 'there is none to choose from';
  const lower = value.toLowerCase();
  const longer = names.filter((name) => lower.length > 2 && name.startsWith(lower));
  const nearest = longer.length === 1 ? longer[0] : closest(lower, names);
  return `did you mean '${nearest}'?`;
}

/** A value from outside, safe to print: one line, no control characters, not endless. */
export function quoted(value: string): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: 100 });
}

export function namesOf(things: readonly { readonly name: string }[] = []): string[] {
  return things.map(({ name }) => name);
}
