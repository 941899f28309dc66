/** G4, G5: the limit of managers, and what the cleanups before the limit may remove. */
import type { Invariant } from '../../../run/invariant.ts';
import { wellForMs } from '../model/client-excuses.ts';
import { isReachable } from '../model/ground-truth.ts';
import type { ManagerRecord } from '../model/records.ts';
import { optionOf, thresholdOf } from '../scenario.ts';
import type { View } from '../view.ts';
import { isCleanup } from './connections.ts';
import { violation } from './support.ts';

export const limitIsKept: Invariant<View> = {
  name: 'no user exceeds its limit of managers',
  guarantee: 'G4',
  description:
    'At most maxManagersPerUser managers of a user hold a slot, those that are closing included.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined) return undefined;
    const limit = optionOf(recorder.settings, 'maxManagersPerUser');
    for (const userId of recorder.touchedUsers) {
      const held = recorder.recordsOf(userId).size;
      if (held > limit) return `${userId} holds ${held} of ${limit}`;
    }
    return undefined;
  },
};

export const countIsTrue: Invariant<View> = {
  name: 'the count, the keys and the live managers agree',
  guarantee: 'G4',
  description:
    'count(user), the managers that the registry lists, and those created and not removed are the same.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined) return undefined;
    const { registry } = recorder;
    for (const userId of recorder.touchedUsers) {
      const counted = registry.count(userId);
      const listed = new Set(registry.managers(userId)).size;
      const made = recorder.recordsOf(userId).size;
      if (counted === listed && listed === made) continue;
      return `${userId}: count ${counted}, listed ${listed}, made and not removed ${made}`;
    }
    return undefined;
  },
};

export const proactiveStartsInTime: Invariant<View> = {
  name: 'a proactive cleanup starts exactly at its threshold',
  guarantee: 'G5',
  description:
    'An acquire of a new key at 12 of 20 managers starts one, unless one runs or has just run.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined || recorder.recordedEvents.length === 0) return undefined;
    const threshold = thresholdOf(recorder.settings);
    for (const recorded of recorder.recordedEvents) {
      if (recorded.kind === 'cleanup-started') {
        const { kind, count, limit, userId } = recorded.event;
        if (kind !== 'proactive') continue;
        if (count < threshold) return `started for ${userId} at ${count} of ${limit}`;
        if (!recorded.wasDue) return `started for ${userId}, although one runs or has just run`;
      } else if (recorded.kind === 'created' && recorded.record.cleanupWasDue) {
        const { userId, countBefore } = recorded.record;
        if (countBefore < threshold || recorder.saidStarted(userId)) continue;
        return `none started for ${userId}, whose new manager found ${countBefore}, threshold ${threshold}`;
      }
    }
    return undefined;
  },
};

export const cleanupSparesAnsweringPeers: Invariant<View> = {
  name: 'a cleanup spares peers that answer',
  guarantee: 'G5',
  description: 'No cleanup removes a manager whose peer is connected, reads and is reachable.',
  when: 'always',
  check(view) {
    for (const recorded of view.recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'closing' || !isCleanup(recorded.reason)) continue;
      const living = livingPeer(view, recorded.record);
      if (living !== undefined) {
        return `${recorded.reason} cleanup removes ${recorded.record.isolationKey}, its peer ${living} is responsive`;
      }
    }
    return undefined;
  },
};

function livingPeer(view: View, record: ManagerRecord): string | undefined {
  for (const line of record.lines) {
    if (isReachable(line) && view.answersSince(line.tab, wellForMs)) return line.tab;
    if (view.isReading(line)) return line.tab;
  }
  return undefined;
}

export const newManagerIsSpared: Invariant<View> = {
  name: 'a proactive cleanup spares new managers',
  guarantee: 'G5',
  description:
    'No manager younger than birthGraceMs is removed by a cleanup other than an emergency.',
  when: 'always',
  check({ recorder }) {
    for (const recorded of recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'closing' || recorder === undefined) continue;
      if (recorded.reason !== 'proactive' && recorded.reason !== 'requested') continue;
      const ageMs = recorder.nowMs - recorded.record.createdAtMs;
      if (ageMs >= optionOf(recorder.settings, 'birthGraceMs')) continue;
      return `${recorded.record.isolationKey} was removed at the age of ${ageMs} ms`;
    }
    return undefined;
  },
};

export const managersInUseAreHeld: Invariant<View> = {
  name: 'the registry holds every manager in use',
  guarantee: 'G4',
  description: 'No caller gets a manager without a slot, or connects to one.',
  when: 'always',
  check(view) {
    const { recorder } = view;
    for (const recorded of recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'opened') continue;
      const { manager } = recorded.event.connection;
      if (recorder?.recordOf(manager) !== undefined) continue;
      return `a connection was opened on a manager of ${manager.isolationKey} that the registry does not hold`;
    }
    return violation(view, 'outsider');
  },
};
