/** Every branch of the cleanups: who was asked, what was found, what became of it. */
import type { CleanupKind, WebSocketManagerRegistry } from '../../../src/index.ts';
import type { Chronicle } from '../chronicle.ts';
import { isPingBroken, isReachable } from '../ground-truth.ts';
import type { ManagerRecord } from '../records.ts';
import { optionOf } from '../scenario.ts';
import type { Reach } from './index.ts';

const article: Readonly<Record<CleanupKind, string>> = {
  proactive: 'a proactive',
  requested: 'a requested',
  emergency: 'an emergency',
};

export function watchCleanups(
  registry: WebSocketManagerRegistry,
  chronicle: Chronicle,
  reach: Reach,
): void {
  registry.on('cleanupStarted', ({ kind, userId }) => {
    const lines = [...chronicle.recordsOf(userId)].flatMap((record) => [...record.lines]);
    const mute = lines.filter((line) => chronicle.due.silentSinceMs.has(line));
    if (kind === 'emergency' && lines.length > 0 && mute.length === lines.length)
      reach('an emergency cleanup found all peers mute');
    if ((chronicle.cleaning.get(userId) ?? 0) > 1) reach('two cleanups of one user ran at once');
  });
  registry.on('cleanupFinished', ({ kind, outcome, removed, userId, durationMs }) => {
    const name = `${article[kind]} cleanup`;
    reach(`${name} ended: ${outcome}`);
    if (removed > 0) reach(`${name} removed somebody`);
    const startedMs = chronicle.nowMs - durationMs;
    if (chronicle.clock.stalls.withinMs(startedMs, chronicle.nowMs) > 0)
      reach('the event loop stood still in a cleanup');
    for (const record of chronicle.recordsOf(userId)) {
      for (const state of standingAfter(chronicle, record, kind, startedMs)) reach(state);
    }
  });
  registry.on('managerClosing', ({ manager, reason }) => {
    const record = chronicle.live.get(manager);
    if (record === undefined || !(reason in article)) return;
    const isEmpty = [...record.lines].every(({ socket }) => socket.destroyed);
    if (!isEmpty) reach('a probe found a peer dead');
    else reach(`${article[reason as CleanupKind]} cleanup removed an empty manager`);
  });
  registry.on('connectionClosed', ({ connection, userId, cause }) => {
    const isGoing = connection.manager.state !== 'open';
    if (!isGoing && cause === 'peer' && (chronicle.cleaning.get(userId) ?? 0) > 0)
      reach('a peer went while it was asked');
  });
}

/** What a cleanup that has just ended left of a manager that was there when it began. */
function* standingAfter(
  { settings, nowMs }: Chronicle,
  { manager, lines, createdAtMs }: ManagerRecord,
  kind: CleanupKind,
  startedMs: number,
): Iterable<string> {
  if (manager.state !== 'open' || createdAtMs > startedMs) return;
  const wasNewborn = startedMs < createdAtMs + optionOf(settings, 'birthGraceMs');
  if (wasNewborn && kind !== 'emergency') {
    yield 'a cleanup spared the newborn';
    return;
  }
  const open = [...lines].filter(({ socket }) => !socket.destroyed);
  if (open.length === 0) yield 'a cleanup spared an empty manager within its grace';
  if (nowMs > startedMs && open.some(isReachable)) yield 'a probe found a peer alive';
  if (open.length > 0 && open.every(isPingBroken)) yield 'a probe could not be made';
}
