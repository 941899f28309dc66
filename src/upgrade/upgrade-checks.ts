/**
 * The checks that an upgrade passes before a manager is touched: the request itself, its origin, authentication and
 * `authorizeThread`. Owns their order and their refusals. `ws` checks a request again later; here it is checked first,
 * so that a bad request costs no authentication and no manager.
 */
import type { IncomingMessage } from 'node:http';
import { InvalidContextError } from '../errors.ts';
import { withoutQuery } from '../identity/context-audit.ts';
import { checkId } from '../identity/ids.ts';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import type { ResolvedAttachOptions } from './attach-options.ts';
import { InterruptibleSteps, type Steps } from './interruptible-steps.ts';
import { CHECK_FAILED, closedRefusal, Refusal } from './refusal.ts';

export class UpgradeChecks extends InterruptibleSteps {
  /** The name that `authenticate` gave to the connection. */
  protected connectionId: string | undefined;

  /** The context of the client, after every check that may refuse it before a manager is touched. */
  protected *check(): Steps<UserExecutionContext> {
    const { registry, checkOrigin, authenticate, authorizeThread } = this.options;
    const request = this.request;
    if (registry.isClosed) throw closedRefusal();
    const fault = findUpgradeFault(request);
    if (fault !== undefined) throw fault;
    if (checkOrigin !== undefined) {
      const origin = originOf(request);
      const allowed = yield* this.ask('checkOrigin', () => checkOrigin(origin, request));
      if (allowed !== true) throw new Refusal(403, 'This origin is not allowed');
    }
    const identity = yield* this.ask('authenticate', () => authenticate(request));
    const context = this.#contextOf(identity);
    this.userId = context.userId;
    // A derived thread id is the client's own by construction; only a claimed one needs permission.
    if (authorizeThread !== undefined && context.audit.how === 'claimed') {
      const { userId, threadId } = context;
      const allowed = yield* this.ask('authorizeThread', () => authorizeThread(userId, threadId));
      if (allowed !== true) throw new Refusal(403, 'This thread is not allowed');
    }
    this.stopCheckTimer();
    return context;
  }

  #contextOf(
    identity: Awaited<ReturnType<ResolvedAttachOptions['authenticate']>>,
  ): UserExecutionContext {
    // Also for `false`: a client without an identity is refused.
    if (!identity) {
      throw new Refusal(401, 'Authentication failed', { 'WWW-Authenticate': 'Bearer' });
    }
    const fault = identityFault(identity);
    if (fault !== undefined) throw this.failed('authenticate', fault, CHECK_FAILED);
    if (identity.connectionId !== undefined) {
      this.connectionId = checkId('connectionId', identity.connectionId);
    }
    return this.options.contextFor({
      userId: identity.userId,
      websocketClientId: identity.websocketClientId ?? queriedId(this.request, 'websocketClientId'),
      threadId: identity.threadId ?? queriedId(this.request, 'threadId'),
      request: this.request,
    });
  }
}

/** 16 bytes in base64 (RFC 6455, 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** The refusal that a malformed upgrade gets; undefined when it is in order (RFC 6455, 4.2.1). */
export function findUpgradeFault(request: IncomingMessage): Refusal | undefined {
  const { headers, method } = request;
  if (method !== 'GET') return new Refusal(400, 'The method of an upgrade must be GET');
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return new Refusal(400, 'The Upgrade header must be websocket');
  }
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) {
    return new Refusal(400, 'The Sec-WebSocket-Key header is missing or invalid');
  }
  // 8 is the last draft, which `ws` still speaks; 13 is RFC 6455.
  const version = headers['sec-websocket-version'];
  if (version !== '13' && version !== '8') {
    return new Refusal(426, 'The Sec-WebSocket-Version must be 13', {
      'Sec-WebSocket-Version': '13',
    });
  }
  return undefined;
}

/** The origin as the browser states it; version 8 named the header differently. */
export function originOf(request: IncomingMessage): string | undefined {
  const { headers } = request;
  if (headers['sec-websocket-version'] !== '8') return headers.origin;
  const origin = headers['sec-websocket-origin'];
  return Array.isArray(origin) ? origin[0] : origin;
}

export function pathOf(request: IncomingMessage): string {
  return withoutQuery(request.url) ?? '';
}

/**
 * An id that a client may name in the query string; the first when it is given twice.
 *
 * @throws {InvalidContextError} for ill-formed UTF-8. It would be decoded to replacement characters, and
 *   clients with different ids would share one.
 */
export function queriedId(
  request: IncomingMessage,
  field: 'websocketClientId' | 'threadId',
): string | undefined {
  // Stryker disable next-line StringLiteral: neither text has a query
  const url = request.url ?? '';
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  const query = url.slice(start + 1);
  // A name may be percent-encoded too.
  // Stryker disable next-line StringLiteral: only saves parsing a query that cannot have the field
  if (!query.includes(field) && !query.includes('%')) return undefined;
  const id = new URLSearchParams(query).get(field) ?? undefined;
  // Stryker disable next-line StringLiteral: only saves the second check: ill-formed text is decoded to that character
  if (id?.includes('\uFFFD')) {
    // The client may mean the character itself.
    const pair = query.split('&').find((pair) => new URLSearchParams(`&${pair}`).has(field));
    // Stryker disable next-line StringLiteral: for the compiler: an id always comes from a pair
    if (!isWellFormed(pair ?? '')) {
      throw new InvalidContextError(field, `${field} must be well-formed UTF-8`);
    }
  }
  return id;
}

function isWellFormed(encoded: string): boolean {
  try {
    // A `%` that encodes nothing stands for itself.
    decodeURIComponent(encoded.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
    return true;
  } catch {
    return false;
  }
}

/**
 * The error for what `authenticate` gave instead of an identity: a mistake of the application (a number, or a promise
 * that was not awaited), and not of the client.
 */
function identityFault(identity: { readonly userId?: unknown }): TypeError | undefined {
  const isObject = typeof identity === 'object';
  if (isObject && typeof identity.userId === 'string') return undefined;
  const what = isObject ? 'a string as userId' : 'an identity';
  const given = isObject ? identity.userId : identity;
  return new TypeError(`authenticate must give ${what}, got ${kindOf(given)}`);
}

/** The kind of a value, and never the value: it may be a secret. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
