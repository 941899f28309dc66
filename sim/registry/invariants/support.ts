/** Shorthands of the invariants. */
import type { ManagerRecord } from '../records.ts';
import type { View } from '../view.ts';
import type { Complaint } from '../witness.ts';

/** Asks about every manager that was made in this event. */
export function ofCreated(
  { chronicle }: View,
  ask: (record: ManagerRecord) => string | undefined,
): string | undefined {
  for (const utterance of chronicle?.utterances ?? []) {
    if (utterance.kind !== 'created') continue;
    const detail = ask(utterance.record);
    if (detail !== undefined) return detail;
  }
  return undefined;
}

/** What tabs complained of. A complaint stays: once is enough. */
export function complaint(
  { witness: { complaints } }: View,
  about: Complaint['about'],
): string | undefined {
  if (complaints.length === 0) return undefined;
  return complaints.find((entry) => entry.about === about)?.text;
}
