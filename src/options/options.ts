/** The options of a registry: what each means, its unit, its default and its edges. Only types. */
import type { IdentitySecret } from '../identity/ids.ts';

/** What the registry needs of a logger. A pino logger fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Every option may be left out; an explicit `undefined` means the default too. */
export interface RegistryOptions {
  /**
   * Managers that one user may hold at a time, those that are closing included.
   *
   * @default 20
   */
  readonly maxManagersPerUser?: number | undefined;
  /**
   * Managers of all users together. At this limit an acquire of a new key is refused at once: there
   * is no cleanup across users, so that one user's trouble stays his own.
   *
   * @default Infinity
   */
  readonly maxManagers?: number | undefined;
  /**
   * Open connections of one manager. A connection that is being closed no longer counts.
   *
   * @default Infinity
   */
  readonly maxConnectionsPerManager?: number | undefined;
  /**
   * Share of `maxManagersPerUser`, rounded up, from which on an acquire of a new key starts a
   * proactive cleanup: 12 of 20.
   *
   * @default 0.6
   */
  readonly proactiveThreshold?: number | undefined;
  /**
   * Milliseconds after the end of any cleanup of a user in which no proactive one starts.
   *
   * @default 1_000
   */
  readonly proactiveCooldownMs?: number | undefined;
  /**
   * Milliseconds for which a new manager is safe from proactive cleanup, and an empty one that was
   * just acquired from every cleanup: its connection is on the way. Whatever this is, the latter is kept for
   * 10 ms, and so is not evicted either.
   *
   * @default 10_000
   */
  readonly birthGraceMs?: number | undefined;
  /**
   * Milliseconds without a connection after which a manager is removed. One that never had a
   * connection goes after this or `birthGraceMs`, whichever is longer. 0 removes at once. Where many go one after
   * the other, they go together, at most 20 ms late.
   *
   * @default 30_000
   */
  readonly reconnectGraceMs?: number | undefined;
  /**
   * Milliseconds that a peer has to answer a closing handshake. Then its socket is terminated. 0
   * terminates at once, without a close frame.
   *
   * @default 5_000
   */
  readonly closeTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a peer has to show life in a cleanup. Any frame or byte from it counts.
   *
   * @default 2_000
   */
  readonly probeTimeoutMs?: number | undefined;
  /**
   * Milliseconds within which an emergency cleanup ends, whatever the peers do. Longer probes and
   * handshakes are cut to fit.
   *
   * @default 10_000
   */
  readonly emergencyDeadlineMs?: number | undefined;
  /**
   * Milliseconds after an emergency cleanup in which the user's peers are not asked again.
   *
   * @default 5_000
   */
  readonly emergencyCooldownMs?: number | undefined;
  /**
   * What an acquire does when no room can be made: fail, or evict the manager of the same user whose
   * last activity is the longest ago, exactly one.
   *
   * @default 'reject'
   */
  readonly onLimit?: 'reject' | 'replace-least-recent' | undefined;
  /**
   * What a second connection with a connection id in use does: closes the first with code 4409, or is
   * refused.
   *
   * @default 'replace'
   */
  readonly duplicateConnection?: 'replace' | 'refuse' | undefined;
  /**
   * Milliseconds within which a shutdown settles when the call does not say.
   *
   * @default 30_000
   */
  readonly drainMs?: number | undefined;
  /**
   * Connections that a shutdown tells to go at a time. More at a time when they would not all be told
   * in the first half of the drain.
   *
   * @default 100
   */
  readonly drainBatchSize?: number | undefined;
  /**
   * Milliseconds between two batches of a shutdown.
   *
   * @default 100
   */
  readonly drainBatchIntervalMs?: number | undefined;
  /**
   * Longest time in milliseconds after which a client that is told to go is asked to come back: each
   * gets its own, from 1 to this, in the reason of its close frame (`restart; retry after 4711 ms`).
   *
   * @default 10_000
   */
  readonly drainRetryMaxMs?: number | undefined;
  /**
   * Milliseconds between two background sweeps: the safety net below the timers.
   *
   * @default 30_000 with `NODE_ENV=test`, 60_000 with `development`, else 120_000
   */
  readonly sweepIntervalMs?: number | undefined;
  /**
   * Milliseconds within which a peer that sends nothing is pinged. A peer that was heard lately is not.
   * 0 switches the heartbeat off.
   *
   * @default 30_000
   */
  readonly heartbeatIntervalMs?: number | undefined;
  /**
   * Milliseconds that a pinged peer has to send anything at all. Then its connection is terminated: a
   * half-open one goes within `heartbeatIntervalMs` + `heartbeatTimeoutMs`. A connection that the
   * application has paused is not judged, and time in which the event loop stands still is not counted.
   *
   * @default 10_000
   */
  readonly heartbeatTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a connection may live, however busy it is: it is closed with 4410, up to a quarter of
   * that earlier so that many do not go together, and the client comes back on a new one. For proxies
   * that keep a connection, and answer its pings, for a client that is gone.
   *
   * @default Infinity
   */
  readonly maxConnectionAgeMs?: number | undefined;
  /**
   * Milliseconds without a *message* from the peer after which its connection is closed with 4411, at most
   * a quarter of that later. Pings and pongs do not count: a proxy may send them for a dead client.
   * For protocols in which clients speak from time to time.
   *
   * @default Infinity
   */
  readonly maxSilenceMs?: number | undefined;
  /**
   * Messages that wait for a thread without an open connection. The oldest makes room for a new one
   * (`messagesDropped`). 0 keeps none.
   *
   * @default 1_000
   */
  readonly outboxMaxMessages?: number | undefined;
  /**
   * Bytes of all messages that wait for one thread.
   *
   * @default 1_048_576, or `maxBufferedBytes` if that is less
   */
  readonly outboxMaxBytes?: number | undefined;
  /**
   * Milliseconds that a message may wait. It is never replayed later than that, and gone from memory
   * with the next background sweep.
   *
   * @default the longer of `reconnectGraceMs` and `birthGraceMs`
   */
  readonly outboxMaxAgeMs?: number | undefined;
  /**
   * Bytes that may wait in memory for one connection to take them. A single message that is larger goes
   * out when nothing else waits. What the application sends on the socket itself is noticed at the
   * next round (half a `heartbeatIntervalMs` at most).
   *
   * @default 4_194_304
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * What happens to a connection for which more than `maxBufferedBytes` would wait: it is closed with
   * 4412 and terminated soon after, or it does not get the message (`messagesDropped`). The other
   * connections of the thread get everything.
   *
   * @default 'close'
   */
  readonly slowReaderPolicy?: 'close' | 'drop' | undefined;
  /**
   * Bytes of the largest message that a peer may send; a larger one closes its connection with 1009. Set
   * `maxPayload` of the `WebSocketServer` too: that bounds what a peer can make `ws` hold before the
   * connection belongs to a manager.
   *
   * @default 1_048_576
   */
  readonly maxPayloadBytes?: number | undefined;
  /**
   * Messages, pings and pongs a second that a peer may send in the long run. Beyond it its connection
   * is closed with 1008.
   *
   * @default 1_000
   */
  readonly maxFramesPerSecond?: number | undefined;
  /**
   * Frames that a peer may send at once after a quiet time. Generous on purpose: after a stall of the
   * network or of the event loop everything arrives together.
   *
   * @default 10 * maxFramesPerSecond
   */
  readonly maxFrameBurst?: number | undefined;
  /**
   * Key of derived thread ids (HMAC-SHA-256 instead of SHA-256), the same on every server that a
   * client may reach. Not readable from the registry afterwards.
   *
   * @default undefined
   */
  readonly identitySecret?: IdentitySecret | undefined;
  /**
   * Takes a line for each creation, cleanup, limit and violation. A throw in it is reported as
   * `hookError`.
   *
   * @default undefined
   */
  readonly logger?: Logger | undefined;
}

/** All options, present and checked. The secret is left out: whoever logs this must not log it. */
export interface ResolvedRegistryOptions {
  readonly maxManagersPerUser: number;
  readonly maxManagers: number;
  readonly maxConnectionsPerManager: number;
  readonly proactiveThreshold: number;
  readonly proactiveCooldownMs: number;
  readonly birthGraceMs: number;
  readonly reconnectGraceMs: number;
  readonly closeTimeoutMs: number;
  readonly probeTimeoutMs: number;
  readonly emergencyDeadlineMs: number;
  readonly emergencyCooldownMs: number;
  readonly onLimit: 'reject' | 'replace-least-recent';
  readonly duplicateConnection: 'replace' | 'refuse';
  readonly drainMs: number;
  readonly drainBatchSize: number;
  readonly drainBatchIntervalMs: number;
  readonly drainRetryMaxMs: number;
  readonly sweepIntervalMs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly maxConnectionAgeMs: number;
  readonly maxSilenceMs: number;
  readonly outboxMaxMessages: number;
  readonly outboxMaxBytes: number;
  readonly outboxMaxAgeMs: number;
  readonly maxBufferedBytes: number;
  readonly slowReaderPolicy: 'close' | 'drop';
  readonly maxPayloadBytes: number;
  readonly maxFramesPerSecond: number;
  readonly maxFrameBurst: number;
  readonly hasIdentitySecret: boolean;
  readonly logger: Logger | undefined;
}
