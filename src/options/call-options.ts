/** The options of `connect`, `send` and `release`, and their names. */
import type { UserExecutionContext } from '../identity/user-execution-context.ts';

export interface ConnectOptions {
  /** Names the connection within its manager. Default: a fresh UUID. */
  readonly connectionId?: string | undefined;
  /** The context of the client; checked against the owner of the manager. Default: not checked. */
  readonly context?: UserExecutionContext | undefined;
}

export interface SendOptions {
  /** The context of the sender; checked against the owner of the manager. Default: not checked. */
  readonly context?: UserExecutionContext | undefined;
}

export const CONNECT_OPTIONS: readonly (keyof ConnectOptions)[] = ['connectionId', 'context'];
/** Of `send` and `release`. A misspelt `context` would be none, and nothing would be checked. */
export const CONTEXT_OPTIONS: readonly (keyof SendOptions)[] = ['context'];
