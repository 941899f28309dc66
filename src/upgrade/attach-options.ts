/**
 * The options of `attach`, checked once: the server, and the hooks that admit a client. Owns the options of an
 * attachment; what happens to one upgrade is the upgrade's business.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { WebSocketServer } from 'ws';
import { InvalidOptionError } from '../errors.ts';
import { showValue } from '../identity/ids.ts';
import type {
  UserExecutionContext,
  WebSocketIdentity,
} from '../identity/user-execution-context.ts';
import { kCore } from '../internal/symbols.ts';
import type { WebSocketConnection } from '../manager.ts';
import { ATTACH_OPTIONS } from '../options/call-option-tables.ts';
import { checkNames } from '../options/option-checks.ts';
import { resolveTable } from '../options/option-rows.ts';
import type { RegistryCore, WebSocketManagerRegistry } from '../registry.ts';
import { onRejection } from '../telemetry/event-dispatcher.ts';

export type MaybePromise<T> = T | PromiseLike<T>;

/** The identity of a request, as `authenticate` found it. */
export interface Identity {
  readonly userId: string;
  /** Default: the query parameter `websocketClientId` of the upgrade's URL, else a fresh UUID. */
  readonly websocketClientId?: string | undefined;
  /** Default: the query parameter `threadId` of the upgrade's URL, else derived. */
  readonly threadId?: string | undefined;
  /** Names the connection within its manager. Default: a fresh UUID. */
  readonly connectionId?: string | undefined;
}

export interface AttachOptions {
  /**
   * The server whose upgrades are answered.
   */
  readonly server: Server;
  /**
   * The server of `ws` that answers the handshakes. Other code may use it too: only upgrades that this attachment
   * takes are touched.
   */
  readonly webSocketServer: WebSocketServer;
  /**
   * Gets the request and returns the identity of its user: `{ userId, websocketClientId?, threadId?, connectionId?
   * }`. `null`, `undefined` or `false` is refused with 401; an error that it throws is reported as `hookError` and
   * refused with 503. It may be asynchronous.
   */
  authenticate(request: IncomingMessage): MaybePromise<Identity | null | undefined | false>;
  /**
   * Gets the origin and the request. Anything but `true` is refused with 403. It may be asynchronous.
   *
   * @default every origin is allowed
   */
  checkOrigin?:
    | ((origin: string | undefined, request: IncomingMessage) => MaybePromise<boolean>)
    | undefined;
  /**
   * Gets a user id and a thread id that was *claimed* (a derived one is the client's own). Anything but `true` is
   * refused with 403. Without it a claimed id gives the user a manager of its own, since the key contains the
   * user. It may be asynchronous.
   *
   * @default every thread id is allowed
   */
  authorizeThread?: ((userId: string, threadId: string) => MaybePromise<boolean>) | undefined;
  /**
   * Which upgrades this attachment takes. Other upgrades are left alone when other code listens for upgrades, and
   * answered with 404 when none does.
   *
   * @default every upgrade
   */
  path?: string | ((request: IncomingMessage) => boolean) | undefined;
  /**
   * Called with the connection and the request in the tick in which the connection opens, before its first
   * message. An error that it throws is reported as `hookError`; the connection stays.
   *
   * @default none
   */
  onConnection?:
    | ((connection: WebSocketConnection, request: IncomingMessage) => unknown)
    | undefined;
  /**
   * How a user at its limit is refused: with an HTTP status, or by accepting the upgrade and closing it with 1013,
   * which a browser can read. Refusals by `maxConnectionsPerManager` and `duplicateConnection` are always sent as
   * 1013, with the code of the error as reason.
   *
   * @default 'http'
   */
  refuseWith?: 'http' | 'close' | undefined;
  /**
   * Milliseconds that origin check, authentication and `authorizeThread` may take together. Then the upgrade is
   * refused with 503.
   *
   * @default 5_000
   */
  authenticationTimeoutMs?: number | undefined;
  /**
   * Milliseconds from the `connection` event on (over TLS: from the end of its handshake) in which the headers of
   * a first request must be complete, else 408. 0 switches it off. It is not used when the `headersTimeout` of the
   * server is shorter.
   *
   * @default 10_000
   */
  headersTimeoutMs?: number | undefined;
}

/** What an upgrade needs of its attachment. */
export interface ResolvedAttachOptions {
  readonly registry: RegistryCore;
  readonly webSocketServer: WebSocketServer;
  readonly authenticate: AttachOptions['authenticate'];
  readonly checkOrigin: AttachOptions['checkOrigin'];
  readonly authorizeThread: AttachOptions['authorizeThread'];
  readonly onConnection: AttachOptions['onConnection'];
  readonly refuseWith: 'http' | 'close';
  readonly authenticationTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly path: AttachOptions['path'];
  readonly closeTimeoutMs: number;
  readonly limit: number;
  /** The context of each handshake that is being answered, whose ids its 101 response gives to the client. */
  readonly handshakeContexts: Map<IncomingMessage, UserExecutionContext>;
  contextFor(identity: WebSocketIdentity): UserExecutionContext;
  countOf(userId: string): number;
  callHook(hook: string, userId: string | undefined, call: () => unknown): void;
}

/** @throws {InvalidOptionError} naming the option that is missing or out of its range. */
export function resolveAttachOptions(
  registry: WebSocketManagerRegistry,
  options: AttachOptions,
  handshakeContexts: ResolvedAttachOptions['handshakeContexts'],
): ResolvedAttachOptions {
  const core: RegistryCore | undefined = registry?.[kCore];
  if (core === undefined) {
    throw new InvalidOptionError(
      'registry',
      `registry must be a WebSocketManagerRegistry, got ${showValue(registry)}`,
    );
  }
  checkNames('AttachOptions', options, Object.keys(ATTACH_OPTIONS));
  const { webSocketServer, checkOrigin, authorizeThread, onConnection } = options;
  const checked = resolveTable(ATTACH_OPTIONS, options);
  return {
    registry: core,
    webSocketServer,
    authenticate: options.authenticate.bind(options),
    checkOrigin: checkOrigin?.bind(options),
    authorizeThread: authorizeThread?.bind(options),
    onConnection: onConnection?.bind(options),
    refuseWith: checked.refuseWith,
    authenticationTimeoutMs: checked.authenticationTimeoutMs,
    headersTimeoutMs: checked.headersTimeoutMs,
    path: options.path,
    closeTimeoutMs: registry.options.closeTimeoutMs,
    limit: registry.options.maxManagersPerUser,
    handshakeContexts,
    contextFor: (identity) => registry.contextFor(identity),
    countOf: (userId) => registry.count(userId),
    callHook: (hook, userId, call) => {
      const failed = (error: unknown): void => core.dispatcher.hookFailed(hook, error, userId);
      try {
        onRejection(call(), failed);
      } catch (error) {
        failed(error);
      }
    },
  };
}
