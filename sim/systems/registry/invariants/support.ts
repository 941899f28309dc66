/** Shorthands of the invariants. */

import type { Violation } from '../clients/client-observations.ts';
import type { ManagerRecord } from '../model/records.ts';
import type { View } from '../view.ts';

/** Checks every manager that was created in this event. */
export function ofCreated(
  { recorder }: View,
  ask: (record: ManagerRecord) => string | undefined,
): string | undefined {
  for (const recorded of recorder?.recordedEvents ?? []) {
    if (recorded.kind !== 'created') continue;
    const detail = ask(recorded.record);
    if (detail !== undefined) return detail;
  }
  return undefined;
}

/** Violations that tabs recorded. They are never removed: one is enough. */
export function violation(
  { observations: { violations } }: View,
  about: Violation['about'],
): string | undefined {
  if (violations.length === 0) return undefined;
  return violations.find((entry) => entry.about === about)?.text;
}
