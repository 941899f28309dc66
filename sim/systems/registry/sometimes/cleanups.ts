/** Every branch of the cleanups: which peers were probed, what was found, how it ended. */
import type { CleanupKind, WebSocketManagerRegistry } from '../../../../src/index.ts';
import { isPingBroken, isReachable } from '../model/ground-truth.ts';
import type { Recorder } from '../model/recorder.ts';
import type { ManagerRecord } from '../model/records.ts';
import { optionOf, thresholdOf } from '../scenario.ts';
import type { RecordSometimes } from './record-sometimes.ts';

const article: Readonly<Record<CleanupKind, string>> = {
  proactive: 'a proactive',
  requested: 'a requested',
  emergency: 'an emergency',
};

export function watchCleanups(
  registry: WebSocketManagerRegistry,
  recorder: Recorder,
  sometimes: RecordSometimes,
): void {
  registry.on('managerCreated', ({ manager, userId }) => {
    const record = recorder.live.get(manager);
    if (record === undefined || record.cleanupWasDue) return;
    const isRunning = recorder.cleanupTimes.running(userId) > 0;
    if (!isRunning && record.countBefore >= thresholdOf(recorder.settings))
      sometimes('a proactive cleanup was skipped in its cooldown');
  });
  registry.on('cleanupStarted', ({ kind, userId }) => {
    if (kind === 'proactive') sometimes('a proactive cleanup started');
    const records = [...recorder.recordsOf(userId)];
    if (kind === 'emergency' && records.some(({ manager }) => manager.state === 'closing'))
      sometimes('an emergency cleanup found a manager that was closing');
    const lines = [...recorder.recordsOf(userId)].flatMap((record) => [...record.lines]);
    const mute = lines.filter((line) => recorder.due.silentSinceMs.has(line));
    if (kind === 'emergency' && lines.length > 0 && mute.length === lines.length)
      sometimes('an emergency cleanup found all peers unresponsive');
    if (recorder.cleanupTimes.running(userId) > 1)
      sometimes('two cleanups of one user ran at once');
  });
  registry.on('cleanupFinished', ({ kind, outcome, removed, userId, durationMs }) => {
    const name = `${article[kind]} cleanup`;
    sometimes(`${name} ended: ${outcome}`);
    sometimes(removed > 0 ? `${name} removed a manager` : `${name} removed no manager`);
    const startedMs = recorder.nowMs - durationMs;
    if (recorder.clock.pauseTimes.withinMs(startedMs, recorder.nowMs) > 0)
      sometimes('the event loop was paused during a cleanup');
    if (kind === 'emergency' && durationMs >= shareMs(recorder))
      sometimes('an emergency cleanup took all the time it had');
    for (const record of recorder.recordsOf(userId)) {
      if (kind === 'emergency' && outcome === 'room' && isInPeace(recorder, record))
        sometimes('an emergency cleanup removed no more empty managers than it needed');
      for (const state of standingAfter(recorder, record, kind, startedMs)) sometimes(state);
    }
  });
  registry.on('managerClosing', ({ manager, reason }) => {
    const record = recorder.live.get(manager);
    if (record === undefined || !(reason in article)) return;
    if (record.lines.size === 0)
      sometimes(`${article[reason as CleanupKind]} cleanup removed an empty manager`);
    else sometimes(`${article[reason as CleanupKind]} cleanup removed a dead manager`);
    const isLeaving = [...record.lines].some(({ connection }) => connection.state !== 'open');
    if (isLeaving) sometimes('a cleanup removed a manager whose connection was closing');
  });
  registry.on('connectionClosed', ({ connection, userId, cause }) => {
    const isGoing = connection.manager.state !== 'open';
    if (isGoing && connection.terminated && recorder.due.emergencies.has(userId))
      sometimes('an emergency cleanup terminated a peer');
    if (!isGoing && cause === 'peer' && recorder.cleanupTimes.running(userId) > 0)
      sometimes('a peer disconnected while it was probed');
  });
}

/**
 * Nearly all of the time that an emergency cleanup has: the rest is reserved for sockets that do not react to their
 * end.
 */
function shareMs({ settings }: Recorder): number {
  return 0.85 * optionOf(settings, 'emergencyDeadlineMs');
}

/** It has no connection, and is older than it takes to connect. */
function isInPeace({ settings, nowMs }: Recorder, record: ManagerRecord): boolean {
  const { manager, lines, createdAtMs } = record;
  const isEmpty = [...lines].every(({ socket }) => socket.destroyed);
  return (
    isEmpty && manager.state === 'open' && nowMs > createdAtMs + optionOf(settings, 'birthGraceMs')
  );
}

/** The state in which a finished cleanup left a manager that existed at its start. */
function* standingAfter(
  { settings, nowMs }: Recorder,
  { manager, lines, createdAtMs }: ManagerRecord,
  kind: CleanupKind,
  startedMs: number,
): Iterable<string> {
  if (manager.state !== 'open' || createdAtMs > startedMs) return;
  const wasNewborn = startedMs < createdAtMs + optionOf(settings, 'birthGraceMs');
  if (wasNewborn && kind !== 'emergency') {
    yield 'a cleanup spared a new manager';
    return;
  }
  const open = [...lines].filter(({ socket }) => !socket.destroyed);
  if (open.length === 0) yield 'a cleanup spared an empty manager within its grace';
  if (nowMs > startedMs && open.some(isReachable)) yield 'a probe found a peer alive';
  if (open.length > 0 && open.every(isPingBroken)) yield 'a probe could not be made';
}
