/** States at the limit: which acquires are refused, which wait, and which get the slot of an evicted manager. */
import type { WebSocketManagerRegistry } from '../../../../src/index.ts';
import type { Recorder } from '../model/recorder.ts';
import { optionOf } from '../scenario.ts';
import type { RecordSometimes } from './record-sometimes.ts';

export function watchLimits(
  registry: WebSocketManagerRegistry,
  recorder: Recorder,
  sometimes: RecordSometimes,
): void {
  /** Until when no peer of a user is probed again, since an emergency cleanup has ended. */
  const coolUntilMs = new Map<string, number>();
  /** Managers that were removed in this event, in order. */
  let gone: { readonly key: string; readonly reason: string; readonly userId: string }[] = [];
  let goneAtMs = -1;
  const goneNow = () => (goneAtMs === recorder.nowMs ? gone : []);
  const inEmergency = (userId: string) => recorder.due.emergencies.has(userId);
  const cools = (userId: string) => recorder.nowMs < (coolUntilMs.get(userId) ?? 0);

  /** Acquires that an emergency cleanup has served or refused so far, by user. */
  const sharers = new Map<string, number>();
  const shares = (userId: string) => {
    const count = (sharers.get(userId) ?? 0) + 1;
    sharers.set(userId, count);
    if (count === 2) sometimes('several acquires shared an emergency cleanup');
  };

  registry.on('cleanupStarted', ({ kind, userId }) => {
    if (kind === 'emergency') sharers.set(userId, 0);
  });
  registry.on('cleanupFinished', ({ kind, userId }) => {
    if (kind !== 'emergency') return;
    coolUntilMs.set(userId, recorder.nowMs + optionOf(recorder.settings, 'emergencyCooldownMs'));
  });
  registry.on('limitReached', ({ userId }) => {
    sometimes('an acquire was refused at the limit');
    // The refusals of an emergency are emitted when it ends.
    const coolMs = (coolUntilMs.get(userId) ?? 0) - recorder.nowMs;
    const isOfEmergency = coolMs === optionOf(recorder.settings, 'emergencyCooldownMs');
    if (isOfEmergency) shares(userId);
    else if (coolMs > 0) sometimes('a user was refused within the cooldown');
  });
  registry.on('managerRemoved', ({ isolationKey, reason, userId }) => {
    gone = [...goneNow(), { key: isolationKey, reason, userId }];
    goneAtMs = recorder.nowMs;
    if (reason === 'emergency' && !inEmergency(userId) && cools(userId))
      sometimes('an empty manager made room within the cooldown');
  });
  registry.on('managerCreated', ({ isolationKey, userId }) => {
    const before = goneNow();
    if (before.some(({ key }) => key === isolationKey))
      sometimes('an acquire waited for the end of its own key');
    if (before.some((other) => other.userId === userId && other.reason === 'replaced'))
      sometimes('an eviction successor got the slot of an evicted manager');
    if (!inEmergency(userId)) return;
    sometimes('a queue for room was served');
    shares(userId);
  });
}
