/** What a run does for servers of HTTP: their timeouts, and the date of their responses, are virtual. */
import http from 'node:http';
import type { Server } from 'node:net';
import type { ServerSupport } from '../network/socket/listening.ts';
import type { Wire } from '../network/wire.ts';
import type { SimulatedProcess } from '../process/simulated-process.ts';
import { stampVirtualDate } from './http-date.ts';
import { HttpTimeouts } from './http-timeouts.ts';

export class HttpServers implements ServerSupport {
  readonly #timeouts: HttpTimeouts;

  constructor(wire: Pick<Wire, 'nowMs' | 'schedule'>) {
    this.#timeouts = new HttpTimeouts(wire);
  }

  begins(server: Server, owner: SimulatedProcess): void {
    if (server instanceof http.Server) this.#timeouts.govern(server, owner);
  }

  listens(server: Server): void {
    if (server instanceof http.Server) this.#timeouts.stopRealChecks(server);
  }

  rewriteOf(server: Server): ((bytes: Buffer) => Buffer) | undefined {
    return server instanceof http.Server ? stampVirtualDate : undefined;
  }
}
