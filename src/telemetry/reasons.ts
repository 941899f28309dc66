/** The reasons, causes and outcomes that events carry and counters are kept by. Only types. */

/**
 * Why a manager is removed:
 * - `idle`: it had no connection for the whole grace;
 * - `released`: by its handle, or because the only upgrade that asked for it died;
 * - `proactive`, `emergency`, `requested`: by a cleanup of that kind;
 * - `replaced`: it was evicted for a new one (`onLimit: 'replace-least-recent'`);
 * - `closed`: `manager.close()`;
 * - `shutdown`: the registry shuts down.
 */
export type CloseReason = 'idle' | 'released' | CleanupKind | 'replaced' | 'closed' | 'shutdown';

export type CleanupKind = 'proactive' | 'emergency' | 'requested';

/**
 * Why the registry disconnects a peer of its own accord:
 * - `heartbeat`: the peer left a ping unanswered for `heartbeatTimeoutMs`;
 * - `age`: the connection reached `maxConnectionAgeMs`;
 * - `silence`: no message from the peer for `maxSilenceMs`, whatever pongs it sends;
 * - `slow-reader`: more than `maxBufferedBytes` waited for a peer that does not read;
 * - `message-size`: a message of more than `maxPayloadBytes`;
 * - `frame-rate`: more frames than `maxFramesPerSecond` and `maxFrameBurst` allow.
 */
export type PolicyDisconnectCause =
  | 'heartbeat'
  | 'age'
  | 'silence'
  | 'slow-reader'
  | 'message-size'
  | 'frame-rate';

/** @deprecated Use `PolicyDisconnectCause`. */
export type ExpulsionCause = PolicyDisconnectCause;

/**
 * Why a connection closed: the cause of a policy disconnect, or
 * - `peer`: the peer closed it or vanished;
 * - `failed`: its socket failed, or the peer sent something malformed;
 * - `released`: `connection.release()`;
 * - `replaced`: another connection took its id;
 * - `manager`: its manager closed, for the reason that `managerClosing` gave;
 * - `lost`: its socket had closed without an event, and an inspection found it.
 */
export type ConnectionCause =
  | PolicyDisconnectCause
  | 'peer'
  | 'failed'
  | 'released'
  | 'replaced'
  | 'manager'
  | 'lost';

/**
 * Why messages were dropped:
 * - `outbox-full`: newer ones took their place (`outboxMaxMessages`, `outboxMaxBytes`);
 * - `outbox-expired`: no connection opened for `outboxMaxAgeMs`;
 * - `manager-removed`: their manager was removed before a connection opened;
 * - `manager-closed`: they were sent when it was closing already;
 * - `slow-reader`: one connection did not get them (`slowReaderPolicy: 'drop'`).
 */
export type DropReason =
  | 'outbox-full'
  | 'outbox-expired'
  | 'manager-removed'
  | 'manager-closed'
  | 'slow-reader';

/**
 * How a cleanup ended:
 * - `done`: a proactive or requested one looked at every manager;
 * - `room`: after an emergency one no acquire had to wait any more;
 * - `full`: after an emergency one an acquire had to be refused, or a manager evicted;
 * - `interrupted`: the registry was shut down meanwhile;
 * - `failed`: it threw, which was reported as a `hookError`.
 */
export type CleanupOutcome = 'done' | 'room' | 'full' | 'interrupted' | 'failed';
