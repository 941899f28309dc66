/**
 * G6: the emergency cleanup at the limit: which peers it probes, which managers it removes, which acquires are refused,
 * and its deadline.
 */

import { longestMs } from '../../../network/latency.ts';
import type { Invariant } from '../../../run/invariant.ts';
import { isPingBroken } from '../model/ground-truth.ts';
import type { Recorder } from '../model/recorder.ts';
import type { ManagerRecord, RecordedEvent } from '../model/records.ts';
import { optionOf } from '../scenario.ts';
import type { View } from '../view.ts';

export const emergencyEnds: Invariant<View> = {
  name: 'an emergency cleanup ends within its deadline',
  guarantee: 'G6',
  description: 'Within emergencyDeadlineMs of virtual time, for any behaviour of the peers.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined) return undefined;
    const boundMs = optionOf(recorder.settings, 'emergencyDeadlineMs');
    for (const recorded of recorder.recordedEvents) {
      if (recorded.kind !== 'cleanup-finished' || recorded.event.kind !== 'emergency') continue;
      const { durationMs, userId } = recorded.event;
      const { clock, nowMs } = recorder;
      if (durationMs > boundMs + clock.pauseTimes.withinMs(nowMs - durationMs, nowMs))
        return `emergency cleanup of ${userId} took ${durationMs} of ${boundMs} ms`;
    }
    return recorder.due.emergencies.missed(recorder.nowMs);
  },
};

export const limitHitHasARefusal: Invariant<View> = {
  name: 'a limit is hit only at the limit',
  guarantee: 'G6',
  description: 'No acquire is refused while there is room, and each refusal is one limit hit.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined) return undefined;
    for (const recorded of recorder.recordedEvents) {
      if (recorded.kind !== 'limit') continue;
      const { count, limit, userId, scope } = recorded.event;
      if (scope === 'user' && count < limit) return `${userId} was refused at ${count} of ${limit}`;
    }
    const { totals, limitRefusals } = recorder;
    if (totals.limitHits === limitRefusals) return undefined;
    return `${limitRefusals} acquires were refused at a limit, ${totals.limitHits} limit hits were emitted`;
  },
};

export const emergencyBeforeRefusal: Invariant<View> = {
  name: 'an emergency cleanup comes before a refusal, and not again within its cooldown',
  guarantee: 'G6',
  description:
    'A refused acquire had an emergency cleanup, or was made within emergencyCooldownMs of the last one; within that no peer is probed again.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined || recorder.recordedEvents.length === 0) return undefined;
    const cooldownMs = optionOf(recorder.settings, 'emergencyCooldownMs');
    for (const recorded of recorder.recordedEvents) {
      if (recorded.kind === 'limit' && recorded.event.scope === 'user') {
        const { restedMs, event } = recorded;
        if (restedMs >= Math.max(cooldownMs, 1))
          return `${event.userId} was refused, and the last emergency cleanup ended ${restedMs} ms ago`;
      } else if (recorded.kind === 'cleanup-started' && recorded.event.kind === 'emergency') {
        const { restedMs, event } = recorded;
        if (restedMs < cooldownMs)
          return `peers of ${event.userId} are probed again after ${restedMs} of ${cooldownMs} ms`;
      }
    }
    return undefined;
  },
};

export const emergencyTakesWhatItNeeds: Invariant<View> = {
  name: 'an emergency removes empty managers only when needed, the oldest first',
  guarantee: 'G6',
  description:
    'Each removed empty manager makes room for a manager that is created in the same step.',
  when: 'always',
  check({ recorder }) {
    const taken = (recorder?.recordedEvents ?? []).filter(isTakenEmpty);
    for (const { record } of taken) {
      const { userId, isolationKey } = record;
      const made = recorder?.recordedEvents.filter(
        (recorded) => recorded.kind === 'created' && recorded.record.userId === userId,
      );
      const count = taken.filter((other) => other.record.userId === userId).length;
      if (count > (made?.length ?? 0))
        return `${count} empty managers of ${userId} are removed for ${made?.length} new ones`;
      const older = [...(recorder?.recordsOf(userId) ?? [])].find(
        (other) => other.createdAtMs < record.createdAtMs && isSurelyEmpty(other, recorder),
      );
      if (older !== undefined)
        return `${isolationKey} is removed, ${older.isolationKey} is empty, older, and stays`;
    }
    return undefined;
  },
};

type Closing = RecordedEvent & { readonly kind: 'closing' };

function isTakenEmpty(recorded: RecordedEvent): recorded is Closing {
  return recorded.kind === 'closing' && recorded.reason === 'emergency' && recorded.wasEmpty;
}

/** It has no connection, and no caller holds it that may be about to connect. */
function isSurelyEmpty(record: ManagerRecord, recorder: Recorder | undefined): boolean {
  if (recorder === undefined || record.manager.state !== 'open' || record.lines.size > 0)
    return false;
  const { birthGraceMs, authenticationMs } = leewaysOf(recorder);
  const { changedAtMs, givenAtMs } = record;
  return recorder.nowMs > Math.max(changedAtMs, givenAtMs) + birthGraceMs + authenticationMs;
}

function leewaysOf({ settings }: Recorder) {
  return {
    birthGraceMs: optionOf(settings, 'birthGraceMs'),
    authenticationMs: settings.authenticationMs.max,
  };
}

/** Longer than any pause. */
const recentlyMs = 60_000;

export const emergencyRemovesTheDead: Invariant<View> = {
  name: 'an emergency cleanup leaves no dead manager',
  guarantee: 'G6',
  description:
    'When it ends without a slot for the acquire, every remaining manager has a peer, or waits for one.',
  when: 'always',
  check(view) {
    const { recorder } = view;
    for (const recorded of recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'cleanup-finished' || recorder === undefined) continue;
      const { kind, outcome, userId, durationMs } = recorded.event;
      if (kind !== 'emergency' || outcome !== 'full') continue;
      const startedMs = recorder.nowMs - durationMs;
      // Bytes that a peer sent before it fell silent may still be in transit, or unread. They count as signs of life.
      const unreadMs = recorder.clock.pauseTimes.withinMs(startedMs - recentlyMs, recorder.nowMs);
      const longSilentMs = startedMs - longestWayMs(view, startedMs) - unreadMs;
      for (const { lines, isolationKey, lastLivelyMs } of recorder.recordsOf(userId)) {
        // A peer that answered the probe counts, even if it has left by now.
        if (lastLivelyMs >= startedMs) continue;
        const dead = [...lines].filter(
          (line) =>
            (recorder.due.silentSinceMs.get(line) ?? Infinity) < longSilentMs &&
            !isPingBroken(line),
        );
        if (lines.size === 0 || dead.length < lines.size) continue;
        return `${isolationKey} remains, its peer ${dead[0]?.tab} was silent before the cleanup began`;
      }
    }
    return undefined;
  },
};

/** How long a segment can be in transit, at the link speeds of then and of now. */
function longestWayMs({ world }: View, sinceMs: number): number {
  const slow = world.hosts.filter(({ slowLink }) => slowLink.untilMs > sinceMs - 2_000);
  const addedMs = slow.reduce((sum, { slowLink }) => sum + slowLink.addedMs, 0);
  return 3 * (longestMs(world.profile) + addedMs);
}
