/** G4, G5, G6: how many there may be, and what makes room. */
import type { Invariant } from '../../engine/invariant.ts';
import { longestMs } from '../../engine/latency.ts';
import type { Chronicle } from '../chronicle.ts';
import { isPingBroken, isReachable } from '../ground-truth.ts';
import type { ManagerRecord } from '../records.ts';
import { optionOf } from '../scenario.ts';
import { wellForMs } from '../trouble.ts';
import type { View } from '../view.ts';
import { isCleanup } from './connections.ts';
import { complaint } from './support.ts';

export const limitIsKept: Invariant<View> = {
  name: 'the limit of a user is never passed',
  guarantee: 'G4',
  description:
    'At most maxManagersPerUser managers of a user hold a slot, those that are closing included.',
  when: 'always',
  check({ chronicle }) {
    if (chronicle === undefined) return undefined;
    const limit = optionOf(chronicle.settings, 'maxManagersPerUser');
    for (const userId of chronicle.touchedUsers) {
      const held = chronicle.recordsOf(userId).size;
      if (held > limit) return `${userId} holds ${held} of ${limit}`;
    }
    return undefined;
  },
};

export const countIsTrue: Invariant<View> = {
  name: 'the count is the keys is the live objects',
  guarantee: 'G4',
  description:
    'count(user), the managers that the registry lists, and those made and not removed are the same.',
  when: 'always',
  check({ chronicle }) {
    if (chronicle === undefined) return undefined;
    const { registry } = chronicle;
    for (const userId of chronicle.touchedUsers) {
      const counted = registry.count(userId);
      const listed = new Set(registry.managers(userId)).size;
      const made = chronicle.recordsOf(userId).size;
      if (counted === listed && listed === made) continue;
      return `${userId}: count ${counted}, listed ${listed}, made and not removed ${made}`;
    }
    return undefined;
  },
};

/** Whole numbers, since 0.6 has no exact binary form. */
function thresholdOf(chronicle: Chronicle): number {
  const limit = optionOf(chronicle.settings, 'maxManagersPerUser');
  const percent = Math.round(100 * optionOf(chronicle.settings, 'proactiveThreshold'));
  return Math.ceil((percent * limit) / 100);
}

export const proactiveStartsInTime: Invariant<View> = {
  name: 'proactive cleanup starts at the threshold, not before and not after',
  guarantee: 'G5',
  description:
    'An acquire of a new key that finds 12 of 20 starts one, unless one runs or has just run.',
  when: 'always',
  check({ chronicle }) {
    if (chronicle === undefined || chronicle.utterances.length === 0) return undefined;
    const threshold = thresholdOf(chronicle);
    for (const utterance of chronicle.utterances) {
      if (utterance.kind === 'cleanup-started') {
        const { kind, count, limit, userId } = utterance.event;
        if (kind === 'proactive' && count < threshold)
          return `started for ${userId} at ${count} of ${limit}`;
      } else if (utterance.kind === 'created' && utterance.record.cleanupWasDue) {
        const { userId, countBefore } = utterance.record;
        if (countBefore < threshold || chronicle.saidStarted(userId)) continue;
        return `none started for ${userId}, whose new manager found ${countBefore}, threshold ${threshold}`;
      }
    }
    return undefined;
  },
};

export const cleanupSparesTheLiving: Invariant<View> = {
  name: 'a cleanup spares whoever answers',
  guarantee: 'G5',
  description: 'No cleanup removes a manager whose peer is there, reads and is reachable.',
  when: 'always',
  check(view) {
    for (const utterance of view.chronicle?.utterances ?? []) {
      if (utterance.kind !== 'closing' || !isCleanup(utterance.reason)) continue;
      const living = livingPeer(view, utterance.record);
      if (living !== undefined) {
        return `${utterance.reason} cleanup removes ${utterance.record.isolationKey}, whose peer ${living} is well`;
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

export const newbornIsSpared: Invariant<View> = {
  name: 'a proactive cleanup spares the newborn',
  guarantee: 'G5',
  description:
    'No manager younger than birthGraceMs is removed by a cleanup other than an emergency.',
  when: 'always',
  check({ chronicle }) {
    for (const utterance of chronicle?.utterances ?? []) {
      if (utterance.kind !== 'closing' || chronicle === undefined) continue;
      if (utterance.reason !== 'proactive' && utterance.reason !== 'requested') continue;
      const ageMs = chronicle.nowMs - utterance.record.createdAtMs;
      if (ageMs >= optionOf(chronicle.settings, 'birthGraceMs')) continue;
      return `${utterance.record.isolationKey} was removed at the age of ${ageMs} ms`;
    }
    return undefined;
  },
};

export const emergencyEnds: Invariant<View> = {
  name: 'an emergency cleanup ends within its deadline',
  guarantee: 'G6',
  description: 'Within emergencyDeadlineMs of virtual time, whatever the peers do.',
  when: 'always',
  check({ chronicle }) {
    if (chronicle === undefined) return undefined;
    const boundMs = optionOf(chronicle.settings, 'emergencyDeadlineMs');
    for (const utterance of chronicle.utterances) {
      if (utterance.kind !== 'cleanup-finished' || utterance.event.kind !== 'emergency') continue;
      const { durationMs, userId } = utterance.event;
      const { clock, nowMs } = chronicle;
      if (durationMs > boundMs + clock.stalls.withinMs(nowMs - durationMs, nowMs))
        return `emergency cleanup of ${userId} took ${durationMs} of ${boundMs} ms`;
    }
    return chronicle.due.emergencies.missed(chronicle.nowMs);
  },
};

export const limitHitHasARefusal: Invariant<View> = {
  name: 'a limit is hit only at the limit',
  guarantee: 'G6',
  description: 'Nobody is refused for want of room while there is room.',
  when: 'always',
  check({ chronicle }) {
    for (const utterance of chronicle?.utterances ?? []) {
      if (utterance.kind !== 'limit') continue;
      const { count, limit, userId, scope } = utterance.event;
      if (scope === 'user' && count < limit) return `${userId} was refused at ${count} of ${limit}`;
    }
    return undefined;
  },
};

/** Longer than any stall. */
const recentlyMs = 60_000;

export const emergencyRemovesTheDead: Invariant<View> = {
  name: 'an emergency cleanup leaves no dead manager',
  guarantee: 'G6',
  description:
    'When it ends and nobody got in, every manager that is left has a peer, or waits for one.',
  when: 'always',
  check(view) {
    const { chronicle } = view;
    for (const utterance of chronicle?.utterances ?? []) {
      if (utterance.kind !== 'cleanup-finished' || chronicle === undefined) continue;
      const { kind, outcome, userId, durationMs } = utterance.event;
      if (kind !== 'emergency' || outcome !== 'full') continue;
      const startedMs = chronicle.nowMs - durationMs;
      // What a peer sent before it fell silent may still be on a slow way, or unread, and is life when it is heard.
      const unreadMs = chronicle.clock.stalls.withinMs(startedMs - recentlyMs, chronicle.nowMs);
      const longSilentMs = startedMs - longestWayMs(view, startedMs) - unreadMs;
      for (const { lines, isolationKey, lastLivelyMs } of chronicle.recordsOf(userId)) {
        // Somebody who was there while it was asked was its life, even if he has gone by now.
        if (lastLivelyMs >= startedMs) continue;
        const dead = [...lines].filter(
          (line) =>
            (chronicle.due.silentSinceMs.get(line) ?? Infinity) < longSilentMs &&
            !isPingBroken(line),
        );
        if (lines.size === 0 || dead.length < lines.size) continue;
        return `${isolationKey} is left, its peer ${dead[0]?.tab} was silent before the cleanup began`;
      }
    }
    return undefined;
  },
};

/** How long something could be on its way, as slow as links were then or are now. */
function longestWayMs({ world }: View, sinceMs: number): number {
  const slow = world.hosts.filter(({ slowLink }) => slowLink.untilMs > sinceMs - 2_000);
  const addedMs = slow.reduce((sum, { slowLink }) => sum + slowLink.addedMs, 0);
  return 3 * (longestMs(world.profile) + addedMs);
}

export const managersInUseAreHeld: Invariant<View> = {
  name: 'every manager in use is one that the registry holds',
  guarantee: 'G4',
  description: 'Nobody is given, or connected to, a manager that holds no slot.',
  when: 'always',
  check(view) {
    const { chronicle } = view;
    for (const utterance of chronicle?.utterances ?? []) {
      if (utterance.kind !== 'opened') continue;
      const { manager } = utterance.event.connection;
      if (chronicle?.recordOf(manager) !== undefined) continue;
      return `a connection was opened on a manager of ${manager.isolationKey} that the registry does not hold`;
    }
    return complaint(view, 'outsider');
  },
};
