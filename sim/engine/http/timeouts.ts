/**
 * `http.Server`'s `headersTimeout` and `requestTimeout` in virtual time. Node checks them on the real clock: never in a
 * thousand virtual seconds, then after a second and a half of real ones. Its own check is switched off for servers that
 * listen in a run, and this does what it does: every `connectionsCheckingInterval` it answers 408 to what is late
 * (`checkConnections` in Node's `lib/_http_server.js`). `keepAliveTimeout` goes through `socket.setTimeout` and is
 * virtual already.
 */
import type http from 'node:http';
import type { Life } from '../life.ts';
import { beforeTimers } from '../queue.ts';
import type { Wire } from '../tcp/connection.ts';
import type { SimulatedSocket } from '../tcp/socket.ts';

/** A request that is not complete. */
interface Incomplete {
  readonly sinceMs: number;
  headersDone: boolean;
}

interface Governed {
  readonly server: http.Server;
  readonly life: Life;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly intervalMs: number;
  readonly incomplete: Map<SimulatedSocket, Incomplete>;
  checkDue: boolean;
}

const answer = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

export class HttpTimeouts {
  readonly #wire: Pick<Wire, 'nowMs' | 'schedule'>;

  constructor(wire: Pick<Wire, 'nowMs' | 'schedule'>) {
    this.#wire = wire;
  }

  /** Takes over the timeouts of a server that begins to listen. */
  govern(server: http.Server, life: Life): void {
    const governed: Governed = {
      server,
      life,
      headersTimeoutMs: server.headersTimeout,
      requestTimeoutMs: server.requestTimeout,
      intervalMs: checkingIntervalMs(server),
      incomplete: new Map(),
      checkDue: false,
    };
    server.headersTimeout = 0;
    server.requestTimeout = 0;
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
      this.#begin(governed, args[0] as SimulatedSocket);
    } else if (event === 'upgrade' || event === 'connect') {
      governed.incomplete.delete(
        (args[0] as http.IncomingMessage).socket as unknown as SimulatedSocket,
      );
    } else if (event === 'request' || event === 'checkContinue' || event === 'checkExpectation') {
      const request = args[0] as http.IncomingMessage;
      const socket = request.socket as unknown as SimulatedSocket;
      const entry = governed.incomplete.get(socket) ?? this.#begin(governed, socket);
      entry.headersDone = true;
      request.once('end', () => governed.incomplete.delete(socket));
    }
  }

  #begin(governed: Governed, socket: SimulatedSocket): Incomplete {
    const entry = { sinceMs: this.#wire.nowMs, headersDone: false };
    governed.incomplete.set(socket, entry);
    this.#scheduleCheck(governed);
    return entry;
  }

  #scheduleCheck(governed: Governed): void {
    if (governed.checkDue) return;
    governed.checkDue = true;
    const atMs = (Math.floor(this.#wire.nowMs / governed.intervalMs) + 1) * governed.intervalMs;
    this.#wire.schedule({
      kind: 'http-timeouts',
      atMs,
      side: beforeTimers,
      life: governed.life,
      id: 0,
      fire: () => this.#check(governed),
    });
  }

  #check(governed: Governed): void {
    governed.checkDue = false;
    if (!governed.life.alive) return;
    for (const [socket, entry] of governed.incomplete) {
      if (socket.destroyed) {
        governed.incomplete.delete(socket);
      } else if (isLate(governed, entry, this.#wire.nowMs)) {
        governed.incomplete.delete(socket);
        socket.resource.runInAsyncScope(() => expire(governed.server, socket));
      }
    }
    if (governed.incomplete.size > 0) this.#scheduleCheck(governed);
  }
}

function isLate(governed: Governed, entry: Incomplete, nowMs: number): boolean {
  const ageMs = nowMs - entry.sinceMs;
  const { headersTimeoutMs, requestTimeoutMs } = governed;
  if (!entry.headersDone && headersTimeoutMs > 0 && ageMs >= headersTimeoutMs) return true;
  return requestTimeoutMs > 0 && ageMs >= requestTimeoutMs;
}

function expire(server: http.Server, socket: SimulatedSocket): void {
  const error: NodeJS.ErrnoException = new Error('Request timeout');
  error.code = 'ERR_HTTP_REQUEST_TIMEOUT';
  if (server.emit('clientError', error, socket)) return;
  if (socket.writable) socket.write(answer);
  socket.destroy(error);
}

/** Node keeps it under a symbol; 30 seconds is its default. */
function checkingIntervalMs(server: http.Server): number {
  const known = Reflect.get(server, 'connectionsCheckingInterval');
  return typeof known === 'number' && known > 0 ? known : 30_000;
}
