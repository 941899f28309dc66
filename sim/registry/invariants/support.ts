/** Shorthands of the invariants. */
import type { ManagerRecord } from '../chronicle.ts';
import type { RegistrySystem } from '../system.ts';

/** Asks about every manager that was made in this event. */
export function ofCreated(
  { chronicle }: RegistrySystem,
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
  { complaints }: RegistrySystem,
  about: RegistrySystem['complaints'][number]['about'],
): string | undefined {
  if (complaints.length === 0) return undefined;
  return complaints.find((entry) => entry.about === about)?.text;
}
