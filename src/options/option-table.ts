/**
 * The one table of all options of a registry: unit, default, range and meaning. Checks and defaults follow from it, the
 * README shows it (`tools/option-table.ts`), and a test holds the doc comments of the option types to its texts.
 */
import { checkLogger, checkSecret } from './option-checks.ts';
import {
  choice,
  count,
  duration,
  type Known,
  optional,
  patience,
  share,
  size,
} from './option-rows.ts';

const MEBIBYTE = 2 ** 20;

const numberOf = (known: Known, name: string): number => Number(known[name]);

/** Options of `new WebSocketManagerRegistry()`. */
export const REGISTRY_OPTIONS = {
  maxManagersPerUser: count(
    'managers',
    20,
    'Managers that one user may hold at a time, those that are closing included.',
  ),
  maxManagers: count(
    'managers',
    Number.POSITIVE_INFINITY,
    'Managers of all users together. At this limit an acquire of a new key is refused at once (503 for an upgrade): there is no cleanup across users, so that a user at its limit does not affect others.',
  ),
  maxConnectionsPerManager: count(
    'connections',
    Number.POSITIVE_INFINITY,
    'Open connections of one manager. A connection that is being closed no longer counts.',
  ),
  proactiveThreshold: share(
    0.6,
    'Share of `maxManagersPerUser`, rounded up, from which on an acquire of a new key starts a proactive cleanup: 12 of 20.',
  ),
  proactiveCooldownMs: duration(
    1_000,
    'Milliseconds after the end of any cleanup of a user in which no proactive one starts.',
  ),
  birthGraceMs: duration(
    10_000,
    'Milliseconds for which a new manager is safe from proactive cleanup, and an empty one that was just acquired from every cleanup: its connection is on the way. An acquired manager is kept for 10 ms in any case, and is not evicted in that time.',
  ),
  reconnectGraceMs: duration(
    30_000,
    'Milliseconds without a connection after which a manager is removed. A manager that never had a connection is removed after this or `birthGraceMs`, whichever is longer. 0 removes at once. When many are due one after the other they are removed together, at most 20 ms late.',
  ),
  closeTimeoutMs: duration(
    5_000,
    'Milliseconds that a peer has to answer a closing handshake. Then its socket is terminated. 0 terminates at once, without a close frame.',
  ),
  probeTimeoutMs: duration(
    2_000,
    'Milliseconds that a peer has to answer the ping of a cleanup. Any frame or byte from it counts.',
    1,
  ),
  emergencyDeadlineMs: duration(
    10_000,
    'Milliseconds within which an emergency cleanup ends, whatever the peers do. Longer probes and handshakes are cut to fit.',
    1,
  ),
  emergencyCooldownMs: duration(
    5_000,
    'Milliseconds after an emergency cleanup in which the peers of the user are not pinged by another one.',
  ),
  onLimit: choice(
    ['reject', 'replace-least-recent'],
    'What an acquire does when no room can be made: fail, or evict the manager of the same user whose last activity is the longest ago, exactly one.',
  ),
  duplicateConnection: choice(
    ['replace', 'refuse'],
    'What a second connection with a connection id in use does: it closes the first with code 4409, or is refused.',
  ),
  drainMs: duration(
    30_000,
    'Milliseconds within which a shutdown settles, unless its call has a `drainMs` of its own.',
  ),
  drainBatchSize: count(
    'connections',
    100,
    'Connections that a shutdown closes at a time. A batch is larger when the batches would not all start in the first half of the drain.',
  ),
  drainBatchIntervalMs: duration(100, 'Milliseconds between two batches of a shutdown.', 1),
  drainRetryMaxMs: duration(
    10_000,
    'Longest time in milliseconds after which a client is asked to reconnect when the server shuts down. Each client gets a random time of its own, from 1 to this, in the reason of its close frame (`restart; retry after 4711 ms`).',
    1,
  ),
  sweepIntervalMs: duration(
    {
      shown: '30_000 with `NODE_ENV=test`, 60_000 with `development`, else 120_000',
      from: () => sweepIntervalOf(process.env.NODE_ENV),
    },
    'Milliseconds between two background sweeps: the safety net below the timers.',
    1,
  ),
  heartbeatIntervalMs: duration(
    30_000,
    'Milliseconds within which a peer that sends nothing is pinged. A peer that was heard lately is not. 0 switches the heartbeat off.',
  ),
  heartbeatTimeoutMs: duration(
    10_000,
    'Milliseconds that a pinged peer has to send anything at all. Then its connection is terminated: a half-open one is closed within `heartbeatIntervalMs` + `heartbeatTimeoutMs`. A connection that the application has paused is not judged, and time in which the event loop stands still does not count.',
    1,
  ),
  maxConnectionAgeMs: patience(
    Number.POSITIVE_INFINITY,
    'Milliseconds that a connection may live, however busy it is. It is closed with 4410, with up to 25 % jitter, and the client is expected to reconnect. Set it behind proxies that keep a connection, and answer its pings, for a client that is gone.',
  ),
  maxSilenceMs: patience(
    Number.POSITIVE_INFINITY,
    'Milliseconds without a *message* from the peer after which its connection is closed with 4411, at most a quarter of that later. Pings and pongs do not count: a proxy may send them for a dead client. Set it for protocols in which clients send messages regularly.',
  ),
  outboxMaxMessages: size(
    'messages',
    1_000,
    'Messages that wait for a thread without an open connection. When the outbox is full the oldest message is dropped (`messagesDropped`). 0 disables the outbox.',
  ),
  outboxMaxBytes: size(
    'bytes',
    {
      shown: '1_048_576, or `maxBufferedBytes` if that is less',
      from: (known) => Math.min(MEBIBYTE, numberOf(known, 'maxBufferedBytes')),
    },
    'Bytes of all messages that wait for one thread.',
  ),
  outboxMaxAgeMs: patience(
    {
      shown: 'the longer of `reconnectGraceMs` and `birthGraceMs`',
      from: (known) =>
        Math.max(numberOf(known, 'birthGraceMs'), numberOf(known, 'reconnectGraceMs'), 1),
    },
    'Milliseconds that a message may wait. It is never replayed later than that, and leaves memory with the next background sweep.',
  ),
  maxBufferedBytes: count(
    'bytes',
    4 * MEBIBYTE,
    'Bytes that may wait in memory for one connection. A single message that is larger is sent when nothing else waits. What the application sends on the socket itself is noticed at the next inspection (half a `heartbeatIntervalMs` at most).',
  ),
  slowReaderPolicy: choice(
    ['close', 'drop'],
    'What happens to a connection for which more than `maxBufferedBytes` would wait: it is closed with 4412 and terminated soon after, or it does not get the message (`messagesDropped`). The other connections of the thread get every message.',
  ),
  maxPayloadBytes: count(
    'bytes',
    MEBIBYTE,
    'Bytes of the largest message that a peer may send; a larger one closes its connection with 1009. Set `maxPayload` of the `WebSocketServer` too: that bounds what a peer can make `ws` hold before the connection belongs to a manager.',
  ),
  maxFramesPerSecond: count(
    'frames/s',
    1_000,
    'Messages, pings and pongs per second that a peer may send in the long run. A faster peer is closed with 1008.',
  ),
  maxFrameBurst: count(
    'frames',
    {
      shown: '10 * `maxFramesPerSecond`',
      from: (known) => 10 * numberOf(known, 'maxFramesPerSecond'),
    },
    "Frames that a peer may send at once after a quiet time. It is generous, since after a stall of the network or of the event loop everything arrives together. Recent versions of `ws` bound pings by themselves: with more than `maxPendingAutoPongs` (60) unsent pongs they end the connection without a close frame, which reads as 1006 and `cause: 'peer'`.",
  ),
  identitySecret: optional(
    'none',
    'a non-empty string or Uint8Array',
    'Key of derived thread ids (HMAC-SHA-256 instead of SHA-256), the same on every server that a client may reach. `registry.contextFor()` applies it. It cannot be read from the registry afterwards.',
    checkSecret,
  ),
  logger: optional(
    'none',
    'an object with `debug`, `info`, `warn` and `error`, e.g. a pino logger',
    'Gets a line for each creation, cleanup, limit and violation. An error that it throws is reported as `hookError`.',
    checkLogger,
  ),
};

/** Tests should not wait long for a sweep, and in production it is rarely needed. */
function sweepIntervalOf(environment: string | undefined): number {
  if (environment === 'test') return 30_000;
  return environment === 'development' ? 60_000 : 120_000;
}
