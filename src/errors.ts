/**
 * Every error that the registry throws or rejects with, each with a stable `code`. Owns no behaviour:
 * each call documents which error it throws, and when.
 */

/** The stable codes. A message may improve between releases; a code does not change. */
export type LeaktightErrorCode =
  | 'ERR_LEAKTIGHT_INVALID_OPTION'
  | 'ERR_LEAKTIGHT_INVALID_CONTEXT'
  | 'ERR_LEAKTIGHT_MANAGER_LIMIT'
  | 'ERR_LEAKTIGHT_TOTAL_LIMIT'
  | 'ERR_LEAKTIGHT_CONNECTION_LIMIT'
  | 'ERR_LEAKTIGHT_DUPLICATE_CONNECTION'
  | 'ERR_LEAKTIGHT_REGISTRY_CLOSED'
  | 'ERR_LEAKTIGHT_MANAGER_CLOSED'
  | 'ERR_LEAKTIGHT_ISOLATION'
  | 'ERR_LEAKTIGHT_SOCKET_NOT_OPEN'
  | 'ERR_LEAKTIGHT_SOCKET_IN_USE';

/** Base of all errors of this package: `error instanceof LeaktightError` distinguishes them from others. */
export class LeaktightError extends Error {
  readonly code: LeaktightErrorCode;

  constructor(code: LeaktightErrorCode, message: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An option (or an argument such as a close code) is out of its range or unknown. */
export class InvalidOptionError extends LeaktightError {
  readonly option: string;

  constructor(option: string, message: string) {
    super('ERR_LEAKTIGHT_INVALID_OPTION', message);
    this.option = option;
  }
}

/** An identity was refused. `field` names the part of it that is wrong. */
export class InvalidContextError extends LeaktightError {
  readonly field: string;

  constructor(field: string, message: string) {
    super('ERR_LEAKTIGHT_INVALID_CONTEXT', message);
    this.field = field;
  }
}

export interface ManagerLimitDetails {
  readonly userId: string;
  /** Managers that hold a slot now: the user's for a user limit, all of them for the total limit. */
  readonly count: number;
  readonly limit: number;
  /** Managers that the cleanup on behalf of this acquire removed. */
  readonly removed: number;
  /** Milliseconds after which another try may find room; 0 when that cannot be said. */
  readonly retryAfterMs: number;
}

/**
 * The user holds `limit` managers (`ERR_LEAKTIGHT_MANAGER_LIMIT`), or the whole registry does
 * (`ERR_LEAKTIGHT_TOTAL_LIMIT`). One class, since the remedy is the same: retry later.
 */
export class ManagerLimitError extends LeaktightError {
  readonly userId: string;
  readonly count: number;
  readonly limit: number;
  readonly removed: number;
  readonly retryAfterMs: number;

  constructor(scope: 'user' | 'total', details: ManagerLimitDetails) {
    super(
      scope === 'user' ? 'ERR_LEAKTIGHT_MANAGER_LIMIT' : 'ERR_LEAKTIGHT_TOTAL_LIMIT',
      scope === 'user'
        ? `User ${details.userId} already holds ${details.count} of ${details.limit} managers, retry after ${details.retryAfterMs} ms`
        : `The registry already holds ${details.count} of ${details.limit} managers`,
    );
    this.userId = details.userId;
    this.count = details.count;
    this.limit = details.limit;
    this.removed = details.removed;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** A manager already has `maxConnectionsPerManager` open connections. */
export class ConnectionLimitError extends LeaktightError {
  readonly count: number;
  readonly limit: number;

  constructor(count: number, limit: number) {
    super(
      'ERR_LEAKTIGHT_CONNECTION_LIMIT',
      `The manager already has ${count} of ${limit} connections`,
    );
    this.count = count;
    this.limit = limit;
  }
}

/** The registry is shutting down or has shut down; it accepts no acquire any more. */
export class RegistryClosedError extends LeaktightError {
  constructor() {
    super('ERR_LEAKTIGHT_REGISTRY_CLOSED', 'The registry is shut down and takes no new managers');
  }
}

/** The manager is closing or closed. Acquire again: a closing manager is never handed out. */
export class ManagerClosedError extends LeaktightError {
  constructor(state: string) {
    super('ERR_LEAKTIGHT_MANAGER_CLOSED', `The manager takes no connections, it is ${state}`);
  }
}

/** A context was used on a manager of another user or thread. Nothing was changed. */
export class IsolationError extends LeaktightError {
  constructor(message: string) {
    super('ERR_LEAKTIGHT_ISOLATION', message);
  }
}
