/**
 * What a round looks at in one connection: is it still there, too old, too silent, too far behind, and does
 * its peer need a ping. Owns the order of the questions and how long a round may be for them.
 */
import type { ConnectionPort } from '../internal/connection-port.ts';
import { kBacklog, kConnectionGone, kDisconnect, kPeerDone } from '../internal/symbols.ts';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';
import { LATENESS_MS } from './after-poll.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Visit } from './inspection-wheel.ts';

/**
 * Milliseconds in which each connection is visited once: a little more often than twice in a heartbeat
 * interval, so that whoever was heard since the last visit can be left in peace until the one after the
 * next, and nobody is silent for more than one interval before being pinged.
 */
export function roundMsOf(options: ResolvedRegistryOptions): number {
  const { heartbeatIntervalMs, maxConnectionAgeMs, maxSilenceMs, sweepIntervalMs } = options;
  // Visits are late at times: a peer that answered the last ping at once must not seem silent for that.
  const slackMs = Math.min(LATENESS_MS, heartbeatIntervalMs / 20);
  return Math.max(
    1,
    Math.min(
      heartbeatIntervalMs === 0 ? sweepIntervalMs : heartbeatIntervalMs / 2 - slackMs,
      maxConnectionAgeMs / 4,
      maxSilenceMs / 4,
    ),
  );
}

export function inspector(options: ResolvedRegistryOptions, heartbeat: Heartbeat): Visit {
  const { heartbeatIntervalMs, maxConnectionAgeMs, maxSilenceMs, maxBufferedBytes } = options;
  const roundMs = roundMsOf(options);
  const silentMs = heartbeatIntervalMs === 0 ? Number.POSITIVE_INFINITY : heartbeatIntervalMs / 2;

  return (connection: ConnectionPort, nowMs: number): void => {
    const { socket } = connection;
    if (socket.readyState === socket.CLOSED) {
      // It closed without our being told, e.g. since somebody took all listeners off it.
      connection[kConnectionGone](1006, '', 'lost');
    } else if (socket.readyState !== socket.OPEN) {
      connection[kPeerDone]();
    } else if (nowMs + roundMs - connection.openedAtMs > maxConnectionAgeMs) {
      // By the next visit it would be too old.
      connection[kDisconnect]('age');
    } else if (nowMs - connection.lastMessageMs >= maxSilenceMs) {
      connection[kDisconnect]('silence');
    } else if (fallsBehind(connection, maxBufferedBytes)) {
      connection[kDisconnect]('slow-reader');
    } else if (nowMs - connection.lastSeenMs >= silentMs) {
      heartbeat.ping(connection, nowMs);
    }
  };
}

/** For what the application sent on the socket itself. One large message that is on its way is no backlog. */
function fallsBehind(connection: ConnectionPort, maxBufferedBytes: number): boolean {
  const waiting = connection.socket.bufferedAmount;
  const before = connection[kBacklog];
  connection[kBacklog] = waiting > maxBufferedBytes ? waiting : 0;
  return before > 0 && waiting >= before;
}
