/**
 * The options of a registry, as types. Their doc comments are the texts of `option-table.ts`, which a test holds them
 * to.
 */
import type { IdentitySecret } from '../identity/ids.ts';
import type { Logger } from './option-checks.ts';
import type { Resolved } from './option-rows.ts';
import type { REGISTRY_OPTIONS } from './option-table.ts';

/** Every option may be left out; an explicit `undefined` means the default too. */
export interface RegistryOptions {
  /**
   * Managers that one user may hold at a time, those that are closing included.
   *
   * @default 20
   */
  readonly maxManagersPerUser?: number | undefined;
  /**
   * Managers of all users together. At this limit an acquire of a new key is refused at once (503 for an upgrade):
   * there is no cleanup across users, so that a user at its limit does not affect others.
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
   * Share of `maxManagersPerUser`, rounded up, from which on an acquire of a new key starts a proactive cleanup:
   * 12 of 20.
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
   * Milliseconds for which a new manager is safe from proactive cleanup, and an empty one that was just acquired
   * from every cleanup: its connection is on the way. An acquired manager is kept for 10 ms in any case, and is
   * not evicted in that time.
   *
   * @default 10_000
   */
  readonly birthGraceMs?: number | undefined;
  /**
   * Milliseconds without a connection after which a manager is removed. A manager that never had a connection is
   * removed after this or `birthGraceMs`, whichever is longer. 0 removes at once. When many are due one after the
   * other they are removed together, at most 20 ms late.
   *
   * @default 30_000
   */
  readonly reconnectGraceMs?: number | undefined;
  /**
   * Milliseconds that a peer has to answer a closing handshake. Then its socket is terminated. 0 terminates at
   * once, without a close frame.
   *
   * @default 5_000
   */
  readonly closeTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a peer has to answer the ping of a cleanup. Any frame or byte from it counts.
   *
   * @default 2_000
   */
  readonly probeTimeoutMs?: number | undefined;
  /**
   * Milliseconds within which an emergency cleanup ends, whatever the peers do. Longer probes and handshakes are
   * cut to fit.
   *
   * @default 10_000
   */
  readonly emergencyDeadlineMs?: number | undefined;
  /**
   * Milliseconds after an emergency cleanup in which the peers of the user are not pinged by another one.
   *
   * @default 5_000
   */
  readonly emergencyCooldownMs?: number | undefined;
  /**
   * What an acquire does when no room can be made: fail, or evict the manager of the same user whose last activity
   * is the longest ago, exactly one.
   *
   * @default 'reject'
   */
  readonly onLimit?: 'reject' | 'replace-least-recent' | undefined;
  /**
   * What a second connection with a connection id in use does: it closes the first with code 4409, or is refused.
   *
   * @default 'replace'
   */
  readonly duplicateConnection?: 'replace' | 'refuse' | undefined;
  /**
   * Milliseconds within which a shutdown settles, unless its call has a `drainMs` of its own.
   *
   * @default 30_000
   */
  readonly drainMs?: number | undefined;
  /**
   * Connections that a shutdown closes at a time. A batch is larger when the batches would not all start in the
   * first half of the drain.
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
   * Longest time in milliseconds after which a client is asked to reconnect when the server shuts down. Each
   * client gets a random time of its own, from 1 to this, in the reason of its close frame (`restart; retry after
   * 4711 ms`).
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
   * Milliseconds within which a peer that sends nothing is pinged. A peer that was heard lately is not. 0 switches
   * the heartbeat off.
   *
   * @default 30_000
   */
  readonly heartbeatIntervalMs?: number | undefined;
  /**
   * Milliseconds that a pinged peer has to send anything at all. Then its connection is terminated: a half-open
   * one is closed within `heartbeatIntervalMs` + `heartbeatTimeoutMs`. A connection that the application has
   * paused is not judged, and time in which the event loop stands still does not count.
   *
   * @default 10_000
   */
  readonly heartbeatTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a connection may live, however busy it is. It is closed with 4410, with up to 25 % jitter,
   * and the client is expected to reconnect. Set it behind proxies that keep a connection, and answer its pings,
   * for a client that is gone.
   *
   * @default Infinity
   */
  readonly maxConnectionAgeMs?: number | undefined;
  /**
   * Milliseconds without a *message* from the peer after which its connection is closed with 4411, at most a
   * quarter of that later. Pings and pongs do not count: a proxy may send them for a dead client. Set it for
   * protocols in which clients send messages regularly.
   *
   * @default Infinity
   */
  readonly maxSilenceMs?: number | undefined;
  /**
   * Messages that wait for a thread without an open connection. When the outbox is full the oldest message is
   * dropped (`messagesDropped`). 0 disables the outbox.
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
   * Milliseconds that a message may wait. It is never replayed later than that, and leaves memory with the next
   * background sweep.
   *
   * @default the longer of `reconnectGraceMs` and `birthGraceMs`
   */
  readonly outboxMaxAgeMs?: number | undefined;
  /**
   * Bytes that may wait in memory for one connection. A single message that is larger is sent when nothing else
   * waits. What the application sends on the socket itself is noticed at the next inspection (half a
   * `heartbeatIntervalMs` at most).
   *
   * @default 4_194_304
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * What happens to a connection for which more than `maxBufferedBytes` would wait: it is closed with 4412 and
   * terminated soon after, or it does not get the message (`messagesDropped`). The other connections of the thread
   * get every message.
   *
   * @default 'close'
   */
  readonly slowReaderPolicy?: 'close' | 'drop' | undefined;
  /**
   * Bytes of the largest message that a peer may send; a larger one closes its connection with 1009. Set
   * `maxPayload` of the `WebSocketServer` too: that bounds what a peer can make `ws` hold before the connection
   * belongs to a manager.
   *
   * @default 1_048_576
   */
  readonly maxPayloadBytes?: number | undefined;
  /**
   * Messages, pings and pongs per second that a peer may send in the long run. A faster peer is closed with 1008.
   *
   * @default 1_000
   */
  readonly maxFramesPerSecond?: number | undefined;
  /**
   * Frames that a peer may send at once after a quiet time. It is generous, since after a stall of the network or
   * of the event loop everything arrives together. Recent versions of `ws` bound pings by themselves: with more
   * than `maxPendingAutoPongs` (60) unsent pongs they end the connection without a close frame, which reads as
   * 1006 and `cause: 'peer'`.
   *
   * @default 10 * `maxFramesPerSecond`
   */
  readonly maxFrameBurst?: number | undefined;
  /**
   * Key of derived thread ids (HMAC-SHA-256 instead of SHA-256), the same on every server that a client may reach.
   * `registry.contextFor()` applies it. It cannot be read from the registry afterwards.
   *
   * @default none
   */
  readonly identitySecret?: IdentitySecret | undefined;
  /**
   * Gets a line for each creation, cleanup, limit and violation. An error that it throws is reported as
   * `hookError`.
   *
   * @default none
   */
  readonly logger?: Logger | undefined;
}

/** All options, present and checked, without the secret. */
export interface ResolvedRegistryOptions
  extends Omit<Resolved<typeof REGISTRY_OPTIONS>, 'identitySecret'> {
  readonly hasIdentitySecret: boolean;
}
