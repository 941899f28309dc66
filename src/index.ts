/** The public surface of `leaktight`. Re-exports only. */

export type { SendData } from './delivery/message-store.ts';
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
export type { AuditableRequest, ContextAudit } from './identity/context-audit.ts';
export { type IdentitySecret, MAX_ID_LENGTH, PLACEHOLDER_IDS } from './identity/ids.ts';
export type { IsolationKey } from './identity/isolation-key.ts';
export {
  MAX_CONTEXT_DEPTH,
  UserExecutionContext,
  type WebSocketIdentity,
  type WebSocketRequestIdentity,
} from './identity/user-execution-context.ts';
export type { ConnectionState } from './internal/connection-port.ts';
export type { ManagerState } from './internal/manager-port.ts';
export type { WebSocketConnection, WebSocketManager } from './manager.ts';
export type { ConnectOptions, SendOptions } from './options/call-options.ts';
export type { Logger } from './options/option-checks.ts';
export type { RegistryOptions, ResolvedRegistryOptions } from './options/registry-options.ts';
export type { ShutdownOptions } from './options/shutdown-options.ts';
export { WebSocketManagerRegistry } from './registry.ts';
export { CLOSE_CODES } from './socket/close-codes.ts';
export type { AuditFinding } from './telemetry/audit.ts';
export type { RegistryStats } from './telemetry/stats.ts';
export { type Attachment, attach } from './upgrade/attach.ts';
export type { AttachOptions, Identity, MaybePromise } from './upgrade/attach-options.ts';
