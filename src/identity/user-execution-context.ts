/**
 * The identity of a user and its client: the one source of identity (G1). Owns the derivation of thread id and isolation key
 * from an authenticated user and a client. Knows nothing of sockets, managers or limits.
 */
import { InvalidContextError } from '../errors.ts';
import { kDerive, kDerivedBy } from '../internal/symbols.ts';
import { checkSecret } from '../options/option-checks.ts';
import {
  type AuditableRequest,
  addressOf,
  auditedText,
  type ContextAudit,
  type Peer,
  peerOf,
  withoutQuery,
} from './context-audit.ts';
import { checkId, freshId, type IdentitySecret, showValue, ThreadIdentity } from './ids.ts';
import { type IsolationKey, makeIsolationKey } from './isolation-key.ts';

/** Deepest child of a child of a context that came from a request. */
export const MAX_CONTEXT_DEPTH = 10;

export interface WebSocketIdentity {
  /** The *authenticated* user. An id that the client merely claims must not arrive here. */
  readonly userId: string;
  /**
   * The id that the client gives itself, the same on each of its connections. Two tabs that share it share
   * a thread. Default: a fresh UUID. The client must be sent it, since only a client that sends it
   * back returns to its thread.
   */
  readonly websocketClientId?: string | undefined;
  /** A thread id that the client names. Default: derived from user and client. */
  readonly threadId?: string | undefined;
  /** Where the audit metadata comes from. Its query string is not kept: it may hold a token. */
  readonly request?: AuditableRequest | undefined;
}

export interface WebSocketRequestIdentity extends WebSocketIdentity {
  /**
   * Key of the derived thread ids. It must be the `identitySecret` of the registry that the context
   * is acquired at; `registry.contextFor()` cannot get this wrong.
   */
  readonly identitySecret?: IdentitySecret | undefined;
}

/** Of a context that came from another one. */
interface Parentage {
  readonly runId: string;
  readonly depth: number;
  readonly parentRequestId: string;
  readonly operation: string | undefined;
}

/** Ids and audit metadata that only people read. */
interface LazyFields {
  runId?: string;
  requestId?: string;
  audit?: ContextAudit;
}

interface ContextParts {
  readonly userId: string;
  readonly threadId: string;
  readonly websocketClientId: string;
  readonly clientId: ContextAudit['clientId'];
  readonly derivedBy: string | undefined;
  readonly peer: Peer;
  readonly path: string | undefined;
  readonly parentage?: Parentage;
}

const constructionToken = Symbol('UserExecutionContext');

/** Immutable all the way down. Equal user and client (or thread) always give an equal isolation key. */
export class UserExecutionContext {
  readonly userId: string;
  readonly threadId: string;
  readonly websocketClientId: string;
  readonly #derivedBy: string | undefined;
  // The audit metadata is made of these when it is first read.
  readonly #createdAtEpochMs = Date.now();
  readonly #clientId: ContextAudit['clientId'];
  readonly #peer: Peer;
  readonly #path: string | undefined;
  readonly #parentage: Parentage | undefined;
  // Made when they are first read: there is a context for every connection, and most are never asked for these.
  #isolationKey: IsolationKey | undefined;
  #lazyFields: LazyFields | undefined;

  private constructor(token: symbol, parts: ContextParts) {
    if (token !== constructionToken) {
      throw new InvalidContextError(
        'context',
        'A context is made by UserExecutionContext.fromWebSocketRequest only',
      );
    }
    this.userId = parts.userId;
    this.threadId = parts.threadId;
    this.websocketClientId = parts.websocketClientId;
    this.#derivedBy = parts.derivedBy;
    this.#clientId = parts.clientId;
    this.#peer = parts.peer;
    this.#path = parts.path;
    this.#parentage = parts.parentage;
    Object.freeze(this);
  }

  /** 0 for a context that came from a request, at most `MAX_CONTEXT_DEPTH`. */
  get depth(): number {
    return this.#parentage?.depth ?? 0;
  }

  get isolationKey(): IsolationKey {
    this.#isolationKey ??= makeIsolationKey(this.userId, this.threadId);
    return this.#isolationKey;
  }

  /** Fresh for each request, kept by children. Never part of a key. */
  get runId(): string {
    if (this.#parentage !== undefined) return this.#parentage.runId;
    this.#lazyFields ??= {};
    this.#lazyFields.runId ??= freshId();
    return this.#lazyFields.runId;
  }

  /** Fresh for each context, also for each child. Never part of a key. */
  get requestId(): string {
    this.#lazyFields ??= {};
    this.#lazyFields.requestId ??= freshId();
    return this.#lazyFields.requestId;
  }

  get audit(): ContextAudit {
    if (this.#lazyFields?.audit !== undefined) return this.#lazyFields.audit;
    const remoteAddress = addressOf(this.#peer);
    const path = this.#path;
    const { operation, parentRequestId } = this.#parentage ?? {};
    const audit: ContextAudit = Object.freeze({
      createdAt: new Date(this.#createdAtEpochMs).toISOString(),
      how: this.#derivedBy === undefined ? 'claimed' : 'derived',
      source: this.#parentage === undefined ? 'websocket-request' : 'child',
      clientId: this.#clientId,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
      ...(path === undefined ? {} : { path }),
      ...(operation === undefined ? {} : { operation }),
      ...(parentRequestId === undefined ? {} : { parentRequestId }),
    });
    this.#lazyFields ??= {};
    this.#lazyFields.audit = audit;
    return audit;
  }

  /**
   * The only way to make a WebSocket context. Everything that needs one for the same user and client
   * (socket, database session, cleanup) calls this and gets the same thread id and isolation key.
   *
   * @throws {InvalidContextError} when an id is blank, longer than `MAX_ID_LENGTH`, ill-formed Unicode,
   *   a placeholder word, or has control characters or white space at its ends.
   * @throws {InvalidOptionError} when `identitySecret` is neither a non-empty string nor bytes.
   */
  static fromWebSocketRequest(request: WebSocketRequestIdentity): UserExecutionContext {
    checkIdentity(request);
    const { identitySecret } = request;
    if (identitySecret !== undefined) checkSecret('identitySecret', identitySecret);
    return UserExecutionContext.#from(request, new ThreadIdentity(identitySecret));
  }

  static #from(request: WebSocketIdentity, identity: ThreadIdentity): UserExecutionContext {
    const userId = checkId('userId', request.userId);
    const given = request.websocketClientId;
    const websocketClientId = given === undefined ? freshId() : checkId('websocketClientId', given);
    const claimed = request.threadId;
    const threadId =
      claimed === undefined
        ? identity.threadIdFor(userId, websocketClientId)
        : checkId('threadId', claimed);
    const { request: audited } = request;
    if (audited !== undefined) checkIdentity(audited);
    return new UserExecutionContext(constructionToken, {
      userId,
      threadId,
      websocketClientId,
      clientId: given === undefined ? 'made' : 'given',
      derivedBy: claimed === undefined ? identity.fingerprint : undefined,
      peer: peerOf(audited),
      path: withoutQuery(auditedText('url', audited?.url)),
    });
  }

  /**
   * A context for a part of the work: same user, thread, client, run and key, a fresh request id.
   *
   * @throws {InvalidContextError} (field `depth`) beyond `MAX_CONTEXT_DEPTH`: a chain that deep is a
   *   loop that forgot to stop.
   */
  child(options: { readonly operation?: string | undefined } = {}): UserExecutionContext {
    if (this.depth >= MAX_CONTEXT_DEPTH) {
      throw new InvalidContextError(
        'depth',
        `depth must be at most ${MAX_CONTEXT_DEPTH}, got ${this.depth + 1}`,
      );
    }
    const { operation } = options;
    return new UserExecutionContext(constructionToken, {
      userId: this.userId,
      threadId: this.threadId,
      websocketClientId: this.websocketClientId,
      clientId: this.#clientId,
      derivedBy: this.#derivedBy,
      peer: this.#peer,
      path: this.#path,
      parentage: {
        runId: this.runId,
        depth: this.depth + 1,
        parentRequestId: this.requestId,
        operation:
          operation === undefined ? this.#parentage?.operation : checkId('operation', operation),
      },
    });
  }

  /** Whether `value` was made by this class: a copy or a look-alike is not a context. */
  static isContext(value: unknown): value is UserExecutionContext {
    return typeof value === 'object' && value !== null && #derivedBy in value;
  }

  /** `fromWebSocketRequest` with a derivation that is already at hand. */
  static [kDerive](request: WebSocketIdentity, identity: ThreadIdentity): UserExecutionContext {
    checkIdentity(request);
    return UserExecutionContext.#from(request, identity);
  }

  /** Fingerprint of what derived the thread id; undefined when the thread id was claimed. */
  get [kDerivedBy](): string | undefined {
    return this.#derivedBy;
  }
}

function checkIdentity(request: unknown): void {
  if (typeof request !== 'object' || request === null) {
    throw new InvalidContextError(
      'request',
      `request must be an object, got ${showValue(request)}`,
    );
  }
}
