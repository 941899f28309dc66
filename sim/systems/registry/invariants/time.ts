/** G15: durations come from the monotonic clock. */
import type { Invariant } from '../../../run/invariant.ts';
import type { ManagerRecord, RecordedEvent } from '../model/records.ts';
import { optionOf } from '../scenario.ts';
import type { View } from '../view.ts';

export const wallClockIsNotAsked: Invariant<View> = {
  name: 'a step of the wall clock has no effect',
  guarantee: 'G15',
  description:
    'When the wall clock of the server is set, no empty manager is removed early or late, and no waiting message expires early.',
  when: 'always',
  check({ recorder, server }) {
    const { wallClockSteps } = server;
    if (wallClockSteps.length === 0 || recorder === undefined) return undefined;
    const graceMs = optionOf(recorder.settings, 'reconnectGraceMs');
    for (const { record, reason } of recorder.recordedEvents.filter(isClosing)) {
      const { changedAtMs, isolationKey } = record;
      const emptyMs = recorder.nowMs - changedAtMs;
      if (emptyMs >= graceMs || !goesForItsGrace(record, reason)) continue;
      if (wallClockSteps.some((stepMs) => stepMs >= changedAtMs))
        return `${isolationKey} is removed (${reason}) after ${emptyMs} of ${graceMs} ms`;
    }
    const { givenUpEarly } = recorder.posts;
    if (
      givenUpEarly !== undefined &&
      wallClockSteps.some((stepMs) => stepMs >= givenUpEarly.sinceMs)
    )
      return givenUpEarly.detail;
    const late = recorder.due.empties.late(recorder.nowMs);
    return late !== undefined && wallClockSteps.some((stepMs) => stepMs >= late.setAtMs)
      ? late.detail
      : undefined;
  },
};

function isClosing(
  recorded: RecordedEvent,
): recorded is RecordedEvent & { readonly kind: 'closing' } {
  return recorded.kind === 'closing';
}

function goesForItsGrace({ lines }: ManagerRecord, reason: string): boolean {
  return (
    reason === 'idle' || ((reason === 'proactive' || reason === 'requested') && lines.size === 0)
  );
}
