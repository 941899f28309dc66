/**
 * What the door is told by the application, checked once: whom to let in, and by which hooks. Owns the options
 * of an attachment; what happens to one upgrade is the upgrade's business.
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
import {
  checkChoice,
  checkDuration,
  checkFunction,
  checkNames,
  defaulted,
} from '../options/option-checks.ts';
import type { RegistryCore, WebSocketManagerRegistry } from '../registry.ts';
import { onRejection } from '../telemetry/event-dispatcher.ts';

export type MaybePromise<T> = T | PromiseLike<T>;

/** Who a request is from, as `authenticate` found it. */
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
  readonly server: Server;
  /** In `noServer` mode. It may be shared: only upgrades that this attachment takes are touched. */
  readonly webSocketServer: WebSocketServer;
  /**
   * Says who the request is from. Nothing (`null`, `undefined`, `false`) is refused with 401; a throw is reported as `hookError` and
   * refused with 503.
   */
  authenticate(request: IncomingMessage): MaybePromise<Identity | null | undefined | false>;
  /** Anything but `true` is refused with 403. Default: every origin is allowed. */
  checkOrigin?:
    | ((origin: string | undefined, request: IncomingMessage) => MaybePromise<boolean>)
    | undefined;
  /**
   * Whether this user may use a thread id that was *claimed* (a derived one is the client's own).
   * Anything but `true` is refused with 403. Default: a claimed id gives the user a manager of his own,
   * since the key has the user in it.
   */
  authorizeThread?: ((userId: string, threadId: string) => MaybePromise<boolean>) | undefined;
  /**
   * Which upgrades are ours: the path without the query string, or a predicate. Others are left alone
   * when somebody else listens for upgrades, and answered with 404 when nobody does.
   *
   * @default every upgrade
   */
  path?: string | ((request: IncomingMessage) => boolean) | undefined;
  /**
   * Called in the tick in which the connection opens, before its first message. A throw is reported as
   * `hookError`; the connection stays.
   */
  onConnection?:
    | ((connection: WebSocketConnection, request: IncomingMessage) => unknown)
    | undefined;
  /**
   * How a user at his limit is refused: with an HTTP status, or by accepting the upgrade and closing it
   * with 1013, which a browser can read.
   *
   * @default 'http'
   */
  refuseWith?: 'http' | 'close' | undefined;
  /**
   * Milliseconds that origin check, authentication and `authorizeThread` may take together. Then the
   * upgrade is refused with 503.
   *
   * @default 5_000
   */
  authenticationTimeoutMs?: number | undefined;
  /**
   * Milliseconds from the `connection` event on in which the headers of a first request must be
   * complete, else 408. 0 switches it off. Not used when the server's own `headersTimeout` is shorter.
   *
   * @default 10_000
   */
  headersTimeoutMs?: number | undefined;
}

const OPTION_NAMES: readonly (keyof AttachOptions)[] = [
  'server',
  'webSocketServer',
  'authenticate',
  'checkOrigin',
  'authorizeThread',
  'path',
  'onConnection',
  'refuseWith',
  'authenticationTimeoutMs',
  'headersTimeoutMs',
];

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
  checkNames('AttachOptions', options, OPTION_NAMES);
  const { webSocketServer, checkOrigin, authorizeThread, onConnection } = options;
  if (webSocketServer?.options?.noServer !== true) {
    throw new InvalidOptionError(
      'webSocketServer',
      'webSocketServer must be a WebSocketServer made with { noServer: true }, or it would answer upgrades itself',
    );
  }
  checkFunction('server.on', options.server?.on);
  checkFunction('authenticate', options.authenticate);
  if (checkOrigin !== undefined) checkFunction('checkOrigin', checkOrigin);
  if (authorizeThread !== undefined) checkFunction('authorizeThread', authorizeThread);
  if (onConnection !== undefined) checkFunction('onConnection', onConnection);
  return {
    registry: core,
    webSocketServer,
    authenticate: options.authenticate.bind(options),
    checkOrigin: checkOrigin?.bind(options),
    authorizeThread: authorizeThread?.bind(options),
    onConnection: onConnection?.bind(options),
    refuseWith: checkChoice('refuseWith', defaulted(options.refuseWith, 'http'), ['http', 'close']),
    authenticationTimeoutMs: checkDuration(
      'authenticationTimeoutMs',
      defaulted(options.authenticationTimeoutMs, 5_000),
      1,
    ),
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

export function checkPath(path: AttachOptions['path']): AttachOptions['path'] {
  if (path === undefined || typeof path === 'function') return path;
  if (typeof path === 'string' && path.startsWith('/') && !path.includes('?')) return path;
  throw new InvalidOptionError(
    'path',
    `path must be a function, or begin with / and have no query string, got ${showValue(path)}`,
  );
}
