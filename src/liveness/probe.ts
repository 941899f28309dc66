/**
 * Whether a manager has a responsive peer: pings all its peers at the same time. Owns the verdict; what follows
 * from it is the cleanup's business.
 */
import type { ConnectionPort } from '../internal/connection-port.ts';
import type { ManagerPort } from '../internal/manager-port.ts';
import { kBytesRead, kFrames, kSockets, kWatch } from '../internal/symbols.ts';
import { hasTakenBacklog, type WriteProgress, writeProgressOf } from '../socket/ws-internals.ts';
import { afterPoll, LATENESS_MS } from './after-poll.ts';

/**
 * - `alive`: a peer was heard, or a client connected meanwhile;
 * - `dead`: no peer was heard, and every one of them could have answered;
 * - `gone`: the last socket closed meanwhile, or the manager is closing;
 * - `unknown`: a peer could not be pinged. It counts neither as dead nor as alive, and the manager is left as it is.
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
 * loop. Only bytes that arrive from now on count: those before may be the last that the peer ever sent.
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
        // The event loop stood still for long, and the pings may have waited as well.
        secondLook = true;
        timer = setTimeout(onTimeout, LATENESS_MS);
        return;
      }
      // However late it is: an answer may have arrived in time and be unread.
      // Stryker disable next-line StringLiteral: for the compiler: there is a verdict when the time is up
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
  // While the application pauses the socket no answer can be read: that is not the peer's silence.
  if (socket.isPaused) return { ...base, asked: false };
  // A socket that is closing cannot be pinged; it has the same time to close.
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
    // The ping is queued behind the backlog.
    if (hasTakenBacklog(connection.socket, asked.progress)) return 'alive';
    if (!asked.asked || connection.socket.isPaused) unknown = true;
  }
  if (!timeIsUp) return undefined;
  return unknown ? 'unknown' : 'dead';
}
