/**
 * A proxy between the clients and one host, as far as it matters here: it ends connections that are idle or old, told or
 * untold, and it may keep the server's side of a connection whose client is gone.
 *
 * The model is one TCP connection with a middlebox on it, not two connections: a handshake takes no detour, flow control
 * goes from end to end, and the server sees the address of the client. Nothing of what it does differs from two
 * connections once they are established.
 */

import { beforeTimers } from '../../engine/event-queue.ts';
import type { Random } from '../../engine/random.ts';
import type { Connection, Endpoint, Proxied } from '../ports.ts';
import { isData, type Segment } from '../tcp/segment.ts';
import type { Wire } from '../wire.ts';
import { PingFinder } from './ping-finder.ts';
import type { ReverseProxy } from './proxy-options.ts';

/** What a proxy knows of one connection through it. */
export class ProxiedConnection implements Proxied {
  readonly proxy: ReverseProxy;
  readonly #connection: Connection;
  readonly #wire: Wire;
  readonly #random: Random;
  readonly #pings = new PingFinder();
  readonly #sinceMs: number;
  #lastSegmentMs: number;
  #clientIsGone = false;
  #serverHasEnded = false;

  constructor(proxy: ReverseProxy, connection: Connection, wire: Wire, random: Random) {
    this.proxy = proxy;
    this.#connection = connection;
    this.#wire = wire;
    this.#random = random;
    this.#sinceMs = wire.nowMs;
    this.#lastSegmentMs = wire.nowMs;
    this.#checkLater();
  }

  /** Whether the proxy takes what `end` sends, and says nothing of its never getting any further. */
  answers(end: Endpoint): boolean {
    const { client, server, isSilent } = this.#connection;
    if (this.proxy.options.zombie !== true || end !== server) return false;
    return this.#clientIsGone || isSilent || client?.host.up === false || client?.vanished === true;
  }

  /** Something that `end` sent comes by. Returns whether it ends here. */
  takes(end: Endpoint, segment: Segment): boolean {
    this.#lastSegmentMs = this.#wire.nowMs;
    return end === this.#connection.client
      ? this.#takesOfClient(segment)
      : this.#takesOfServer(end, segment);
  }

  /** A RST of `end` comes by. Returns whether it ends here. */
  takesReset(end: Endpoint): boolean {
    const { zombie } = this.proxy.options;
    if (zombie !== true || end !== this.#connection.client || this.#serverHasEnded) return false;
    this.#becomeZombie();
    return true;
  }

  /** The proxy is taken away. What it kept for clients that are gone is reset; the rest goes on without it. */
  end(): void {
    this.#connection.proxied = undefined;
    const { server } = this.#connection;
    if (server !== undefined && this.answers(server)) this.#reset();
  }

  #takesOfClient(segment: Segment): boolean {
    const { server, client } = this.#connection;
    if (this.#clientIsGone) {
      // It was silent for a while, and the proxy has forgotten it.
      if (server !== undefined && client !== undefined) server.forgeReset(client, 'on-the-way');
      return true;
    }
    if (segment !== 'fin' || this.proxy.options.zombie !== true || this.#serverHasEnded)
      return false;
    this.#becomeZombie();
    server?.sender.forge('fin');
    return true;
  }

  #takesOfServer(server: Endpoint, segment: Segment): boolean {
    const pings = isData(segment) ? this.#pings.push(segment) : [];
    if (segment === 'fin') this.#serverHasEnded = true;
    if (!this.answers(server)) return false;
    this.#clientIsGone = true;
    const { client } = this.#connection;
    for (const payload of pings) client?.sender.forge(this.#pong(payload));
    if (segment === 'fin') client?.sender.forge('fin');
    return true;
  }

  #becomeZombie(): void {
    this.#clientIsGone = true;
    // The server may have waited for a client that did not read.
    this.#connection.server?.sender.learnOfRoom();
  }

  /** As a client sends it: masked (RFC 6455, section 5.3). */
  #pong(payload: Uint8Array): Uint8Array {
    const mask = new Uint8Array(4);
    this.#random.fill(mask);
    const masked = payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0));
    return Buffer.concat([Uint8Array.of(0x8a, 0x80 | payload.length), mask, masked]);
  }

  #checkLater(): void {
    const { idleTimeoutMs = Infinity, maxAgeMs = Infinity } = this.proxy.options;
    const dueMs = Math.min(this.#lastSegmentMs + idleTimeoutMs, this.#sinceMs + maxAgeMs);
    if (dueMs === Infinity) return;
    const id = this.#connection.ordinal;
    const fire = () => this.#check(idleTimeoutMs, maxAgeMs);
    this.#wire.schedule({
      kind: 'proxy',
      atMs: dueMs,
      side: beforeTimers,
      owner: undefined,
      id,
      fire,
    });
  }

  #check(idleTimeoutMs: number, maxAgeMs: number): void {
    const { client, server, proxied } = this.#connection;
    const isOver = client?.isOpen !== true && server?.isOpen !== true;
    if (proxied !== this || isOver) return;
    const { nowMs } = this.#wire;
    if (nowMs < this.#lastSegmentMs + idleTimeoutMs && nowMs < this.#sinceMs + maxAgeMs) {
      this.#checkLater();
      return;
    }
    this.#connection.proxied = undefined;
    if (this.proxy.options.silentDrop === true) this.#connection.sever();
    else this.#reset();
  }

  #reset(): void {
    const { client, server } = this.#connection;
    if (client === undefined || server === undefined) return;
    if (server.isOpen) client.forgeReset(server, 'on-the-way');
    if (client.isOpen) server.forgeReset(client, 'on-the-way');
  }
}
