/**
 * Whether anybody is there: asks all peers of one manager at the same time. Owns the verdict; what
 * follows from it is the cleanup's business.
 */

import type { ConnectionPort } from '../internal/connection-port.ts';
import type { ManagerPort } from '../internal/manager-port.ts';
import { kBytesRead, kFrames, kSockets, kWatch } from '../internal/symbols.ts';
import { hasTakenBacklog, type WriteProgress, writeProgressOf } from '../socket/ws-internals.ts';
import { afterPoll, LATENESS_MS } from './after-poll.ts';

/**
 * - `alive`: a peer showed life, or somebody connected meanwhile;
 * - `dead`: no peer did, and every one of them could have;
 * - `gone`: the last socket closed meanwhile, or the manager is closing;
 * - `unknown`: a peer could not be asked. That says nothing about it, so it counts neither as dead
 *   nor as alive, and the manager is left as it is.
 */
export type Verdict = 'alive' | 'dead' | 'gone' | 'unknown';

interface Asked {
  readonly frames: number;
  readonly bytesRead: number;
  readonly progress: WriteProgress;
  readonly asked: boolean;
}

/**
 * Settles within `timeoutMs` and the moment that reading takes, plus one `LATENESS_MS` after a stall of the event
 * loop. Life is what arrives from now on: what was seen before may be the last that ever came.
 */
export function probe(manager: ManagerPort, timeoutMs: number): Promise<Verdict> {
  const before = new Map<ConnectionPort, Asked>();
  for (const connection of manager[kSockets]()) before.set(connection, ask(connection));

  return new Promise((resolve) => {
    const startedAtMs = performance.now();
    let secondLook = false;
    let cancelReading = (): void => {};
    const settle = (verdict: Verdict): void => {
      clearTimeout(timer);
      cancelReading();
      unwatch();
      resolve(verdict);
    };
    const onTimeout = (): void => {
      const lateMs = performance.now() - startedAtMs - timeoutMs;
      if (!secondLook && lateMs > LATENESS_MS) {
        // The loop stood still for long, and what was to be sent may have waited as well.
        secondLook = true;
        timer = setTimeout(onTimeout, LATENESS_MS);
        return;
      }
      // However late it is: an answer may have come in time and lie there unread.
      cancelReading = afterPoll(() => settle(judge(manager, before, true) ?? 'dead'));
    };
    const unwatch = manager[kWatch](() => {
      const verdict = judge(manager, before, false);
      if (verdict !== undefined) settle(verdict);
    });
    let timer = setTimeout(onTimeout, timeoutMs);
  });
}

function ask(connection: ConnectionPort): Asked {
  const { socket } = connection;
  const base = {
    frames: connection[kFrames],
    bytesRead: connection[kBytesRead],
    progress: writeProgressOf(socket),
  };
  // What the application does not read, we cannot see: its pause is not the peer's silence.
  if (socket.isPaused) return { ...base, asked: false };
  // A socket that is closing cannot be pinged; it has the same time to be gone.
  if (socket.readyState !== socket.OPEN) return { ...base, asked: true };
  try {
    socket.ping();
    return { ...base, asked: true };
  } catch {
    return { ...base, asked: false };
  }
}

function judge(
  manager: ManagerPort,
  before: ReadonlyMap<ConnectionPort, Asked>,
  timeIsUp: boolean,
): Verdict | undefined {
  if (manager.state !== 'open') return 'gone';
  const sockets = manager[kSockets]();
  if (sockets.length === 0) return 'gone';
  let unknown = false;
  for (const connection of sockets) {
    const asked = before.get(connection);
    if (asked === undefined || connection[kFrames] > asked.frames) return 'alive';
    if (!timeIsUp) continue;
    if (connection[kBytesRead] > asked.bytesRead) return 'alive';
    // The ping stands behind what waits.
    if (hasTakenBacklog(connection.socket, asked.progress)) return 'alive';
    if (!asked.asked || connection.socket.isPaused) unknown = true;
  }
  if (!timeIsUp) return undefined;
  return unknown ? 'unknown' : 'dead';
}
