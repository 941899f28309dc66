/**
 * `http.Server`'s `headersTimeout` and `requestTimeout` in virtual time. Node checks them on the real clock: never in a
 * thousand virtual seconds, then after a second and a half of real ones. Its own check is switched off for servers that
 * listen in a run, and this does what it does: every `connectionsCheckingInterval` it answers 408 to what is late
 * (`checkConnections` in Node's `lib/_http_server.js`). `keepAliveTimeout` goes through `socket.setTimeout` and is
 * virtual already.
 */
import type http from 'node:http';
import { beforeTimers } from '../engine/event-queue.ts';
import type { SimulatedSocket } from '../network/socket/socket.ts';
import type { Wire } from '../network/wire.ts';
import type { SimulatedProcess } from '../process/simulated-process.ts';

/** A request that is not complete, from its first byte on; the first one of a connection from its beginning. */
interface Incomplete {
  readonly sinceMs: number;
  /** Known once the headers are complete. */
  request: http.IncomingMessage | undefined;
}

interface Governed {
  readonly server: http.Server;
  readonly owner: SimulatedProcess;
  readonly listensSinceMs: number;
  readonly intervalMs: number;
  readonly incomplete: Map<SimulatedSocket, Incomplete>;
  checkDue: boolean;
}

const answer = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

export class HttpTimeouts {
  readonly #wire: Pick<Wire, 'nowMs' | 'schedule'>;
  readonly #governed = new WeakSet<http.Server>();

  constructor(wire: Pick<Wire, 'nowMs' | 'schedule'>) {
    this.#wire = wire;
  }

  /** Takes over the timeouts of a server that begins to listen. */
  govern(server: http.Server, owner: SimulatedProcess): void {
    if (this.#governed.has(server)) return;
    this.#governed.add(server);
    const governed: Governed = {
      server,
      owner,
      listensSinceMs: this.#wire.nowMs,
      intervalMs: checkingIntervalMs(server),
      incomplete: new Map(),
      checkDue: false,
    };
    // A listener of ours would be one more than the server has, and some servers count.
    const emit = server.emit;
    server.emit = (event: string | symbol, ...args: unknown[]) => {
      this.#observe(governed, event, args);
      return Reflect.apply(emit, server, [event, ...args]);
    };
  }

  /** Node starts its real check when a server emits `listening`. */
  stopRealChecks(server: http.Server): void {
    for (const symbol of Object.getOwnPropertySymbols(server)) {
      if (symbol.description !== 'http.server.connectionsCheckingInterval') continue;
      clearInterval(Reflect.get(server, symbol));
    }
  }

  #observe(governed: Governed, event: string | symbol, args: readonly unknown[]): void {
    if (event === 'connection') {
      const socket = args[0] as SimulatedSocket;
      this.#begin(governed, socket);
      socket.onReceived = () => this.#bytesArrive(governed, socket);
    } else if (event === 'upgrade' || event === 'connect') {
      const socket = socketOf(args[0] as http.IncomingMessage);
      socket.onReceived = undefined;
      governed.incomplete.delete(socket);
    } else if (event === 'request' || event === 'checkContinue' || event === 'checkExpectation') {
      const request = args[0] as http.IncomingMessage;
      const socket = socketOf(request);
      const entry = governed.incomplete.get(socket) ?? this.#begin(governed, socket);
      entry.request = request;
    }
  }

  /** After a request is complete the next one begins with its first byte. */
  #bytesArrive(governed: Governed, socket: SimulatedSocket): void {
    const entry = governed.incomplete.get(socket);
    if (entry === undefined || entry.request?.complete === true) this.#begin(governed, socket);
  }

  #begin(governed: Governed, socket: SimulatedSocket): Incomplete {
    const entry = { sinceMs: this.#wire.nowMs, request: undefined };
    governed.incomplete.set(socket, entry);
    this.#scheduleCheck(governed);
    return entry;
  }

  #scheduleCheck(governed: Governed): void {
    if (governed.checkDue) return;
    governed.checkDue = true;
    const { intervalMs, listensSinceMs } = governed;
    const turns = Math.floor((this.#wire.nowMs - listensSinceMs) / intervalMs) + 1;
    this.#wire.schedule({
      kind: 'http-timeouts',
      atMs: listensSinceMs + turns * intervalMs,
      side: beforeTimers,
      owner: governed.owner,
      id: 0,
      fire: () => {
        const { pause } = governed.owner;
        if (pause === undefined) this.#check(governed);
        else pause.addTimer(0, () => this.#check(governed));
      },
    });
  }

  #check(governed: Governed): void {
    governed.checkDue = false;
    if (!governed.owner.alive) return;
    for (const [socket, entry] of governed.incomplete) {
      if (socket.destroyed || entry.request?.complete === true) {
        governed.incomplete.delete(socket);
      } else if (isLate(governed.server, entry, this.#wire.nowMs)) {
        governed.incomplete.delete(socket);
        socket.resource.runInAsyncScope(() => expire(governed.server, socket));
      }
    }
    if (governed.incomplete.size > 0) this.#scheduleCheck(governed);
  }
}

/** The server's limits are read when they are needed: a program may set them after it has begun to listen. */
function isLate(server: http.Server, entry: Incomplete, nowMs: number): boolean {
  const ageMs = nowMs - entry.sinceMs;
  const { headersTimeout, requestTimeout } = server;
  if (entry.request === undefined && headersTimeout > 0 && ageMs >= headersTimeout) return true;
  return requestTimeout > 0 && ageMs >= requestTimeout;
}

function expire(server: http.Server, socket: SimulatedSocket): void {
  const error: NodeJS.ErrnoException = new Error('Request timeout');
  error.code = 'ERR_HTTP_REQUEST_TIMEOUT';
  if (server.emit('clientError', error, socket)) return;
  // An answer that has begun must not get another one in its middle.
  const response: { headersSent?: boolean } | undefined =
    Reflect.get(socket, '_httpMessage') ?? undefined;
  if (socket.writable && response?.headersSent !== true) socket.write(answer);
  socket.destroy(error);
}

function socketOf(request: http.IncomingMessage): SimulatedSocket {
  return request.socket as unknown as SimulatedSocket;
}

/** Node keeps it under a symbol; 30 seconds is its default. */
function checkingIntervalMs(server: http.Server): number {
  const known = Reflect.get(server, 'connectionsCheckingInterval');
  return typeof known === 'number' && known > 0 ? known : 30_000;
}
