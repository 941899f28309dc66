/**
 * Puts the registry behind the HTTP upgrade of a server. Owns the listeners on the server and the
 * upgrades that are pending; what happens to one upgrade is in `upgrade.ts`.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PendingUpgrades } from '../admission/shutdown.ts';
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import { Deferred } from '../internal/deferred.ts';
import type { WebSocketManagerRegistry } from '../registry.ts';
import { isThenable, onRejection } from '../telemetry/event-dispatcher.ts';
import {
  type AttachOptions,
  type ResolvedAttachOptions,
  resolveAttachOptions,
} from './attach-options.ts';
import { HeaderDeadline } from './header-deadline.ts';
import { CHECK_FAILED, closedRefusal, Refusal, refuse } from './refusal.ts';
import { guard, unguard } from './socket-guard.ts';
import { Upgrade } from './upgrade.ts';
import { pathOf } from './upgrade-checks.ts';

export interface Attachment extends AsyncDisposable {
  /**
   * Takes every listener off the server and refuses pending upgrades with 503. Settles when all sockets that
   * were refused are closed, at most two seconds later. Open connections are kept.
   */
  detach(): Promise<void>;
}

/**
 * Answers the upgrades of `server`: origin, authentication, thread, manager, handshake, connection. The
 * client gets its ids in the 101 response (`x-websocket-client-id` and `x-thread-id`, encoded with
 * `encodeURIComponent`) and can send them back as query parameters.
 *
 * @throws {InvalidOptionError} naming the option that is unknown, missing or out of its range.
 */
export function attach(registry: WebSocketManagerRegistry, options: AttachOptions): Attachment {
  return new ServerAttachment(registry, options);
}

/** An upgrade that is not a connection yet, or was refused and whose socket is still open. */
interface PendingUpgrade {
  stop(refusal: Refusal): void;
  destroy(): void;
}

class ServerAttachment implements Attachment {
  readonly #server: Server;
  readonly #options: ResolvedAttachOptions;
  readonly #headerDeadline: HeaderDeadline | undefined;
  /** With the promise of its end, if a caller waits for it. */
  readonly #pending = new Map<PendingUpgrade, Deferred<void> | undefined>();
  readonly #handshakeContexts = new Map<IncomingMessage, UserExecutionContext>();
  #detached: Promise<void> | undefined;

  constructor(registry: WebSocketManagerRegistry, options: AttachOptions) {
    this.#options = resolveAttachOptions(registry, options, this.#handshakeContexts);
    this.#server = options.server;
    const { headersTimeoutMs } = this.#options;
    this.#server.on('upgrade', this.#onUpgrade);
    countAttachment(this.#server);
    this.#options.webSocketServer.on('headers', this.#onHeaders);
    this.#options.registry.upgradeSources.add(this.#pendingUpgrades);
    const own = this.#server.headersTimeout;
    const isTighter = own > 0 && own <= headersTimeoutMs;
    if (headersTimeoutMs > 0 && !isTighter) {
      this.#headerDeadline = new HeaderDeadline(this.#server, headersTimeoutMs);
    }
  }

  detach(): Promise<void> {
    this.#detached ??= this.#leave();
    return this.#detached;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detach();
  }

  async #leave(): Promise<void> {
    this.#server.off('upgrade', this.#onUpgrade);
    uncountAttachment(this.#server);
    this.#headerDeadline?.stop();
    this.#options.registry.upgradeSources.delete(this.#pendingUpgrades);
    await this.#pendingUpgrades.clear();
    this.#options.webSocketServer.off('headers', this.#onHeaders);
  }

  readonly #pendingUpgrades: PendingUpgrades = {
    clear: async () => {
      const refusal = closedRefusal();
      const pending = [...this.#pending.keys()];
      const ends = pending.map((upgrade) => this.#endOf(upgrade));
      for (const upgrade of pending) upgrade.stop(refusal);
      await Promise.all(ends);
    },
    destroy: () => {
      for (const upgrade of [...this.#pending.keys()]) upgrade.destroy();
    },
  };

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Before all else, or a reset at the wrong moment ends the process.
    guard(request, socket);
    this.#headerDeadline?.headersComplete(request);
    if (isTaken(request)) {
      unguard(request, socket);
      return;
    }
    const ours = this.#detached === undefined && this.#isOurs(request);
    if (ours !== true) {
      this.#leaveAlone(request, socket, ours);
      return;
    }
    takeUpgrade(request);
    const upgrade = new Upgrade(this.#options, request, socket, head);
    this.#receive(upgrade, () => upgrade.run());
  };

  /** Registers the upgrade before any hook is called: a hook may call `detach` in the same tick. */
  #receive(upgrade: PendingUpgrade, run: () => void | Promise<void>): void {
    this.#pending.set(upgrade, undefined);
    const over = (): void => {
      const waiting = this.#pending.get(upgrade);
      this.#pending.delete(upgrade);
      waiting?.resolve();
    };
    const running = run();
    if (running === undefined) over();
    else void running.finally(over);
  }

  #endOf(upgrade: PendingUpgrade): Promise<void> {
    const waiting = this.#pending.get(upgrade) ?? new Deferred<void>();
    this.#pending.set(upgrade, waiting);
    return waiting.promise;
  }

  #isOurs(request: IncomingMessage): boolean | Refusal {
    if (this.#options.path === undefined) return true;
    if (typeof this.#options.path === 'string') return pathOf(request) === this.#options.path;
    const failed = (error: unknown): void =>
      this.#options.registry.dispatcher.hookFailed('path', error);
    try {
      const answer: unknown = this.#options.path(request);
      onRejection(answer, failed);
      // Other attachments decide about the upgrade in this same tick.
      if (isThenable(answer)) throw new TypeError('path must answer at once, it gave a promise');
      return answer === true;
    } catch (error) {
      failed(error);
      return new Refusal(503, CHECK_FAILED);
    }
  }

  #leaveAlone(request: IncomingMessage, socket: Duplex, refusal: false | Refusal): void {
    if (refusal === false && !isLastToPass(this.#server, request)) {
      unguard(request, socket);
      return;
    }
    takeUpgrade(request);
    const upgrade: PendingUpgrade = { stop: () => {}, destroy: () => socket.destroy() };
    // An upgrade without an answer would stay open for ever.
    this.#receive(upgrade, async () => {
      await refuse(socket, refusal === false ? new Refusal(404, 'Not found') : refusal);
      unguard(request, socket);
    });
  }

  readonly #onHeaders = (headers: string[], request: IncomingMessage): void => {
    const context = this.#handshakeContexts.get(request);
    if (context === undefined) return;
    // Ids may hold any Unicode, a header may not.
    headers.push(
      `x-websocket-client-id: ${encodeURIComponent(context.websocketClientId)}`,
      `x-thread-id: ${encodeURIComponent(context.threadId)}`,
    );
  };
}

// How several attachments of one server agree on which of them answers an upgrade: the first that takes it, and
// when none does, the last that passes it over, if no other code listens.

// Registered by name, so that two copies of this package in one process (ESM and CommonJS, say) count together.
const kAttachmentCount = Symbol.for('leaktight.entrances');
const kPassedBy = Symbol.for('leaktight.passedBy');
const kTaken = Symbol.for('leaktight.taken');

interface EnteredServer extends Server {
  [kAttachmentCount]?: number;
}

interface PassedRequest extends IncomingMessage {
  [kPassedBy]?: number;
  [kTaken]?: boolean;
}

function countAttachment(server: EnteredServer): void {
  server[kAttachmentCount] = (server[kAttachmentCount] ?? 0) + 1;
}

function uncountAttachment(server: EnteredServer): void {
  server[kAttachmentCount] = (server[kAttachmentCount] ?? 1) - 1;
}

/** Each attachment that does not take this upgrade calls it once. True for the last one, when no other code listens. */
function isLastToPass(server: EnteredServer, request: PassedRequest): boolean {
  const passedBy = (request[kPassedBy] ?? 0) + 1;
  request[kPassedBy] = passedBy;
  const attachmentCount = server[kAttachmentCount] ?? 1;
  return passedBy >= attachmentCount && server.listenerCount('upgrade') <= attachmentCount;
}

/** Whether another attachment answers this upgrade already. */
function isTaken(request: PassedRequest): boolean {
  return request[kTaken] === true;
}

/** From now on no other attachment may answer this upgrade. */
function takeUpgrade(request: PassedRequest): void {
  request[kTaken] = true;
}
