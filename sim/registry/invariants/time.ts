/** G15: durations come from the monotonic clock. */
import type { Invariant } from '../../engine/invariant.ts';
import type { ManagerRecord } from '../records.ts';
import { optionOf } from '../scenario.ts';
import type { View } from '../view.ts';

export const wallClockIsNotAsked: Invariant<View> = {
  name: 'a step of the wall clock changes nothing',
  guarantee: 'G15',
  description:
    'When the wall clock of the server has been set, no empty manager goes before its grace, and none stays after it.',
  when: 'always',
  check({ chronicle, server }) {
    if (!server.wallClockIsOff || chronicle === undefined) return undefined;
    const graceMs = optionOf(chronicle.settings, 'reconnectGraceMs');
    for (const utterance of chronicle.utterances) {
      if (utterance.kind !== 'closing' || !goesForItsGrace(utterance.record, utterance.reason))
        continue;
      const emptyMs = chronicle.nowMs - utterance.record.changedAtMs;
      if (emptyMs >= graceMs) continue;
      return `${utterance.record.isolationKey} goes (${utterance.reason}) after ${emptyMs} of ${graceMs} ms`;
    }
    return chronicle.due.empties.missed(chronicle.nowMs);
  },
};

function goesForItsGrace({ lines }: ManagerRecord, reason: string): boolean {
  return (
    reason === 'idle' || ((reason === 'proactive' || reason === 'requested') && lines.size === 0)
  );
}
