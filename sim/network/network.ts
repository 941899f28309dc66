/**
 * The simulated TCP network: its listening servers, its connections, and what the faults do to them. Bytes and their
 * order are the endpoints' business.
 */
import type { Server, Socket } from 'node:net';
import type { Random } from '../engine/random.ts';
import type { ConnectOptions } from '../process/active-run.ts';
import type { SimulatedProcess } from '../process/simulated-process.ts';
import type { Host } from './hosts/host.ts';
import { Partitions } from './partition.ts';
import type { Connection, Endpoint, Machine } from './ports.ts';
import { Priorities } from './priorities.ts';
import type { ReverseProxy } from './proxy/proxy-options.ts';
import { bind, type ServerSupport } from './socket/listening.ts';
import type { TcpConnection } from './tcp/connection.ts';
import { Handshakes, type HostLookup } from './tcp/handshakes.ts';
import type { Flushable, Lane, Wire } from './wire.ts';

/** What the network needs of the run. */
export interface NetworkContext
  extends HostLookup,
    Pick<Wire, 'profile' | 'nowMs' | 'eventNumber' | 'schedule' | 'flushAfterEvent'> {}

export class Network implements Wire {
  readonly #context: NetworkContext;
  readonly #support: ServerSupport;
  readonly #handshakes: Handshakes;
  /** Connections of which one end at least is open. */
  readonly connections = new Set<TcpConnection>();
  readonly partitions = new Partitions();
  readonly #priorities: Priorities | undefined;

  constructor(context: NetworkContext, support: ServerSupport) {
    this.#context = context;
    this.#support = support;
    const { schedule } = context.profile;
    if (schedule?.kind === 'priorities') {
      this.#priorities = new Priorities(schedule, context.random, this);
    }
    this.#handshakes = new Handshakes(this, context, support, (connection) => {
      this.connections.add(connection);
    });
  }

  /** Connections whose handshake was completed. */
  get established(): number {
    return this.#handshakes.completed;
  }

  get profile() {
    return this.#context.profile;
  }

  get nowMs() {
    return this.#context.nowMs;
  }

  get eventNumber() {
    return this.#context.eventNumber;
  }

  makeLane(random: Random): Lane | undefined {
    return this.#priorities?.lane(random);
  }

  schedule(...planned: Parameters<Wire['schedule']>): void {
    this.#context.schedule(...planned);
  }

  flushAfterEvent(flushable: Flushable): void {
    this.#context.flushAfterEvent(flushable);
  }

  addedLatencyMs(connection: Connection): number {
    const { nowMs } = this;
    return slownessOf(connection.client, nowMs) + slownessOf(connection.server, nowMs);
  }

  isCut(from: Machine, to: Machine): boolean {
    return this.partitions.isCut(from, to, this.nowMs);
  }

  connectionEnded(connection: TcpConnection): void {
    this.connections.delete(connection);
  }

  listen(server: Server, port: number, owner: SimulatedProcess): void {
    bind(server, port, this.#context.hostOf(owner), owner, this.#support);
  }

  connect(options: ConnectOptions, owner: SimulatedProcess): Socket {
    return this.#handshakes.connect(options, owner);
  }

  // Faults.

  /** The process of `host` is gone; its kernel closes what it had open. */
  processDied(host: Host): void {
    host.listeners.clear();
    for (const endpoint of [...host.endpoints]) endpoint.orphan();
  }

  /** The machine is gone, and its peers are not told. */
  powerLost(host: Host): void {
    host.listeners.clear();
    host.up = false;
    for (const endpoint of [...host.endpoints]) endpoint.vanish();
  }

  /** The machine is back: what its peers still send to its former process is answered with RST. */
  powerRestored(host: Host): void {
    host.up = true;
    for (const connection of this.#connectionsOf(host)) {
      if (!connection.isSilent) connection.repair();
    }
  }

  /** A middlebox sends RST to both ends of every connection of `host`. Returns how many it hit. */
  reset(host: Host): number {
    const hit = this.#connectionsOf(host).filter((connection) => connection.wasEstablished);
    for (const connection of hit) {
      const { client, server } = connection;
      if (client === undefined || server === undefined) continue;
      if (server.isOpen) client.forgeReset(server);
      if (client.isOpen) server.forgeReset(client);
    }
    return hit.length;
  }

  /** Every open connection of `host` goes silent. Returns how many. */
  silence(host: Host): number {
    const hit = this.#connectionsOf(host);
    for (const connection of hit) {
      connection.isSilent = true;
      // A proxy may take what the server could not get rid of so far.
      if (connection.proxied !== undefined) connection.server?.sender.learnOfRoom();
    }
    return hit.length;
  }

  /** The address of `host` is gone, and with it the way to every open connection of it. */
  sever(host: Host): void {
    for (const connection of this.#connectionsOf(host)) {
      if (!connection.isLoopback) connection.sever();
    }
  }

  /** Ends all silences and partitions. */
  repairAll(): void {
    this.endProxy();
    this.partitions.clear();
    for (const connection of this.connections) {
      if (connection.isSilent || connection.waitsForRetransmission) connection.repair();
    }
  }

  /** Takes a proxy away; all of them, if none is given. */
  endProxy(proxy?: ReverseProxy): void {
    for (const { proxied } of this.connections) {
      if (proxied !== undefined && (proxy ?? proxied.proxy) === proxied.proxy) proxied.end();
    }
  }

  #connectionsOf(host: Host): TcpConnection[] {
    return [...this.connections].filter(
      ({ client, server }) => client?.host === host || server?.host === host,
    );
  }
}

function slownessOf(end: Endpoint | undefined, nowMs: number): number {
  if (end === undefined) return 0;
  const { addedMs, untilMs } = end.host.slowLink;
  return nowMs < untilMs ? addedMs : 0;
}
