/** G15: durations come from the monotonic clock. */
import type { Invariant } from '../../engine/invariant.ts';
import type { ManagerRecord, Utterance } from '../records.ts';
import { optionOf } from '../scenario.ts';
import type { View } from '../view.ts';

export const wallClockIsNotAsked: Invariant<View> = {
  name: 'a step of the wall clock changes nothing',
  guarantee: 'G15',
  description:
    'When the wall clock of the server is set, no empty manager goes before its grace, none stays after it, and nothing that waits is too old for that.',
  when: 'always',
  check({ chronicle, server }) {
    const { wallClockSteps } = server;
    if (wallClockSteps.length === 0 || chronicle === undefined) return undefined;
    const graceMs = optionOf(chronicle.settings, 'reconnectGraceMs');
    for (const { record, reason } of chronicle.utterances.filter(isClosing)) {
      const { changedAtMs, isolationKey } = record;
      const emptyMs = chronicle.nowMs - changedAtMs;
      if (emptyMs >= graceMs || !goesForItsGrace(record, reason)) continue;
      if (wallClockSteps.some((stepMs) => stepMs >= changedAtMs))
        return `${isolationKey} goes (${reason}) after ${emptyMs} of ${graceMs} ms`;
    }
    const { givenUpEarly } = chronicle.posts;
    if (
      givenUpEarly !== undefined &&
      wallClockSteps.some((stepMs) => stepMs >= givenUpEarly.sinceMs)
    )
      return givenUpEarly.detail;
    const late = chronicle.due.empties.late(chronicle.nowMs);
    return late !== undefined && wallClockSteps.some((stepMs) => stepMs >= late.setAtMs)
      ? late.detail
      : undefined;
  },
};

function isClosing(utterance: Utterance): utterance is Utterance & { readonly kind: 'closing' } {
  return utterance.kind === 'closing';
}

function goesForItsGrace({ lines }: ManagerRecord, reason: string): boolean {
  return (
    reason === 'idle' || ((reason === 'proactive' || reason === 'requested') && lines.size === 0)
  );
}
