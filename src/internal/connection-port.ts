/**
 * A connection as the parts below it see it: what they read of it, and the calls by which they reach into it.
 * `WebSocketConnection` implements it. Only types.
 */
import type { WebSocket } from 'ws';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import type { WriteProgress } from '../socket/ws-internals.ts';
import type { ConnectionCause, PolicyDisconnectCause } from '../telemetry/reasons.ts';
import type {
  kBacklog,
  kBytesRead,
  kBytesReadWhenPinged,
  kConnectionGone,
  kDisconnect,
  kFailed,
  kFrameSeen,
  kFrames,
  kFramesWhenPinged,
  kMessageSeen,
  kPeerDone,
  kPingBatch,
  kProgressWhenPinged,
  kWheelBucket,
  kWheelIndex,
} from './symbols.ts';

export type ConnectionState = 'open' | 'closing' | 'closed';

/** The inspection of connections keeps its own records in them, since a record for each would be an object more. */
export interface InspectionFields {
  /** Bucket of the inspection wheel; -1 when it is in none. */
  [kWheelBucket]: number;
  /** Index in that bucket. */
  [kWheelIndex]: number;
  /** Bytes that waited at the last inspection, if they were too many. */
  [kBacklog]: number;
  /** Ordinal of the batch of pings that it has to answer in. */
  [kPingBatch]: number;
  [kFramesWhenPinged]: number;
  [kBytesReadWhenPinged]: number;
  [kProgressWhenPinged]: WriteProgress;
}

export interface ConnectionPort extends InspectionFields {
  readonly id: string;
  readonly manager: { readonly context: UserExecutionContext };
  readonly socket: WebSocket;
  readonly state: ConnectionState;
  readonly openedAtMs: number;
  readonly lastSeenMs: number;
  readonly lastMessageMs: number;
  /** Frames that the peer has sent. */
  readonly [kFrames]: number;
  /** Bytes that have arrived. */
  readonly [kBytesRead]: number;
  [kFrameSeen](): void;
  [kMessageSeen](bytes: number): void;
  [kFailed](error: unknown): void;
  [kPeerDone](): void;
  [kDisconnect](cause: PolicyDisconnectCause): void;
  [kConnectionGone](code: number, reason: string, cause?: ConnectionCause): void;
}
