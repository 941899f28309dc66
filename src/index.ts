/** The public surface of `leaktight`. Re-exports only. */

export { type Attachment, attach } from './attach.ts';
export type { AuditFinding } from './audit.ts';
export type { ConnectionState, WebSocketConnection } from './connection.ts';
export type { AttachOptions, Identity, MaybePromise } from './door.ts';
export {
  ConnectionLimitError,
  InvalidContextError,
  InvalidOptionError,
  IsolationError,
  LeaktightError,
  type LeaktightErrorCode,
  ManagerClosedError,
  type ManagerLimitDetails,
  ManagerLimitError,
  RegistryClosedError,
} from './errors.ts';
export type * from './events.ts';
export { type IdentitySecret, MAX_ID_LENGTH, PLACEHOLDER_IDS } from './ids.ts';
export { CLOSE_CODES } from './internals.ts';
export type { IsolationKey } from './isolation-key.ts';
export type { ConnectOptions, ManagerState, SendOptions, WebSocketManager } from './manager.ts';
export type { SendData } from './message-store.ts';
export type { Logger, RegistryOptions, ResolvedRegistryOptions } from './options.ts';
export { WebSocketManagerRegistry } from './registry.ts';
export type { ShutdownOptions } from './shutdown.ts';
export type { RegistryStats } from './stats.ts';
export {
  type AuditableRequest,
  type ContextAudit,
  MAX_CONTEXT_DEPTH,
  UserExecutionContext,
  type WebSocketIdentity,
  type WebSocketRequestIdentity,
} from './user-execution-context.ts';
