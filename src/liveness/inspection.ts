/**
 * The inspection of one connection: is it closed, too old, too silent, a slow reader, and does its peer need a
 * ping. Owns the order of these checks and how long a round may be for them.
 */
import type { ConnectionPort } from '../internal/connection-port.ts';
import { kBacklog, kConnectionGone, kDisconnect, kPeerDone } from '../internal/symbols.ts';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';
import { LATENESS_MS } from './after-poll.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Visit } from './inspection-wheel.ts';

/**
 * Milliseconds in which each connection is inspected once: a little more often than twice per heartbeat interval.
 * A peer that was heard since the last inspection need not be pinged in this one, and still no peer is silent for
 * more than one interval before it is pinged.
 */
export function roundMsOf(options: ResolvedRegistryOptions): number {
  const { heartbeatIntervalMs, maxConnectionAgeMs, maxSilenceMs, sweepIntervalMs } = options;
  // Inspections may be late: a peer that answered the last ping at once must not seem silent for that.
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
      // It closed without an event, e.g. since other code removed all listeners from it.
      connection[kConnectionGone](1006, '', 'lost');
    } else if (socket.readyState !== socket.OPEN) {
      connection[kPeerDone]();
    } else if (nowMs + roundMs - connection.openedAtMs > maxConnectionAgeMs) {
      // By the next inspection it would be too old.
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

/** For data that the application sent on the socket itself. One large message that is being sent is no backlog. */
function fallsBehind(connection: ConnectionPort, maxBufferedBytes: number): boolean {
  const waiting = connection.socket.bufferedAmount;
  const before = connection[kBacklog];
  connection[kBacklog] = waiting > maxBufferedBytes ? waiting : 0;
  return before > 0 && waiting >= before;
}
