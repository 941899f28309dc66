/**
 * The simulated TCP network: who listens where, who is connected to whom, and what the faults do to it. Bytes and their
 * order are the endpoints' business.
 */
import { AsyncResource } from 'node:async_hooks';
import http from 'node:http';
import type { Server, Socket } from 'node:net';
import { SimulationError, systemError } from '../errors.ts';
import type { ConnectOptions } from '../governor.ts';
import { stampVirtualDate } from '../http/date.ts';
import type { HttpTimeouts } from '../http/timeouts.ts';
import type { Life } from '../life.ts';
import { beforeTimers } from '../queue.ts';
import type { RandomSource } from '../random.ts';
import { Connection, type Wire } from './connection.ts';
import { Endpoint } from './endpoint.ts';
import type { Host, Listener } from './host.ts';
import { SimulatedSocket } from './socket.ts';

/** What the network needs of the run. */
export interface NetworkContext extends Omit<Wire, 'addedLatencyMs' | 'connectionEnded'> {
  readonly random: RandomSource;
  hostNamed(nameOrAddress: string): Host | undefined;
  hostOf(life: Life): Host;
}

/** The parts of `net.Server` that a listening one has and its types hide. */
type ListeningServer = Server & {
  _handle: unknown;
  _connections: number;
  _emitCloseIfDrained(): void;
  allowHalfOpen?: boolean;
};

export class Network implements Wire {
  readonly #context: NetworkContext;
  readonly #httpTimeouts: HttpTimeouts;
  /** Connections of which one end at least is open. */
  readonly connections = new Set<Connection>();
  /** Connections whose handshake was completed. */
  established = 0;
  #nextOrdinal = 1;

  constructor(context: NetworkContext, httpTimeouts: HttpTimeouts) {
    this.#context = context;
    this.#httpTimeouts = httpTimeouts;
  }

  get profile() {
    return this.#context.profile;
  }

  get nowMs() {
    return this.#context.nowMs;
  }

  schedule(event: Parameters<Wire['schedule']>[0]): void {
    this.#context.schedule(event);
  }

  flushAfterEvent(endpoint: Endpoint): void {
    this.#context.flushAfterEvent(endpoint);
  }

  addedLatencyMs(connection: Connection): number {
    let addedMs = 0;
    for (const end of [connection.client, connection.server]) {
      if (end !== undefined && this.nowMs < end.host.slowLink.untilMs)
        addedMs += end.host.slowLink.addedMs;
    }
    return addedMs;
  }

  connectionEnded(connection: Connection): void {
    this.connections.delete(connection);
  }

  // Listening.

  listen(server: Server, port: number, life: Life): void {
    const host = this.#context.hostOf(life);
    const listening = server as ListeningServer;
    if (listening._handle) {
      const error: NodeJS.ErrnoException = new Error(
        'Listen method has been called more than once without closing.',
      );
      error.code = 'ERR_SERVER_ALREADY_LISTEN';
      throw error;
    }
    if (!life.alive) return;
    const bound = port === 0 ? host.takePort() : port;
    if (host.listeners.has(bound)) {
      const error = systemError('EADDRINUSE', 'listen', { address: '::', port: bound });
      process.nextTick(() => server.emit('error', error));
      return;
    }
    const listener: Listener = { server, life, resource: new AsyncResource('TCPSERVERWRAP') };
    host.listeners.set(bound, listener);
    // Node's own net.Server does the rest (address, close, listening) with this in place of its binding.
    listening._handle = {
      close: (closed?: () => void) => {
        host.listeners.delete(bound);
        if (closed !== undefined) process.nextTick(closed);
      },
      ref() {},
      unref() {},
      getsockname(out: { address?: string; port?: number; family?: string }) {
        Object.assign(out, { address: host.address, port: bound, family: 'IPv4' });
        return 0;
      },
    };
    if (server instanceof http.Server) this.#httpTimeouts.govern(server, life);
    process.nextTick(() => {
      if (listening._handle === null) return;
      server.emit('listening');
      if (server instanceof http.Server) this.#httpTimeouts.stopRealChecks(server);
    });
  }

  // Connecting.

  connect(options: ConnectOptions, life: Life): Socket {
    const host = this.#context.hostOf(life);
    const target = this.#context.hostNamed(options.host === 'localhost' ? host.name : options.host);
    const port = host.takePort();
    const socket = new SimulatedSocket({
      allowHalfOpen: options.allowHalfOpen,
      local: { address: host.address, port },
      remote: { address: target?.address ?? options.host, port: options.port },
      connecting: true,
    });
    const connection = new Connection(this.#nextOrdinal++, this);
    const key = [host.name, life.incarnation, host.nextConnection++] as const;
    const client = new Endpoint(connection, host, life, port, this, this.#random('up', key));
    connection.client = client;
    client.socket = socket;
    socket.attach(client);
    if (!life.alive) return asNetSocket(socket);
    if (target === undefined) {
      const error = systemError('ENOTFOUND', `getaddrinfo ${options.host}`);
      process.nextTick(() => socket.destroy(error));
      return asNetSocket(socket);
    }
    this.connections.add(connection);
    client.sendControl('syn', () =>
      this.#synArrives(connection, client, target, options.port, key),
    );
    return asNetSocket(socket);
  }

  #random(direction: 'up' | 'down', key: readonly (string | number)[]) {
    return this.#context.random.for('link', direction, ...key);
  }

  #synArrives(
    connection: Connection,
    client: Endpoint,
    target: Host,
    port: number,
    key: readonly (string | number)[],
  ): void {
    if (!target.up || connection.isSilent) {
      this.#waitForNothing(client);
      return;
    }
    const listener = target.listeners.get(port);
    const refused =
      listener === undefined || !listener.life.alive || this.nowMs < target.refusesUntilMs;
    const life = listener?.life ?? client.life;
    const server = new Endpoint(connection, target, life, port, this, this.#random('down', key));
    connection.server = server;
    if (refused) {
      server.sendControl('refused', () => this.#refuse(connection, client, target, port));
      return;
    }
    server.sendControl('syn-ack', () => this.#synAckArrives(connection, client, server, listener));
  }

  #waitForNothing(client: Endpoint): void {
    this.schedule({
      kind: 'timeout',
      atMs: this.nowMs + this.profile.connectTimeoutMs,
      side: beforeTimers,
      life: client.life,
      id: client.connection.ordinal,
      fire: () => failConnect(client, 'ETIMEDOUT', client.socket),
    });
  }

  #refuse(connection: Connection, client: Endpoint, target: Host, port: number): void {
    const { server } = connection;
    if (server !== undefined) {
      server.state = 'closed';
      target.endpoints.delete(server);
    }
    failConnect(client, 'ECONNREFUSED', client.socket, { address: target.address, port });
    connection.settle();
  }

  #synAckArrives(
    connection: Connection,
    client: Endpoint,
    server: Endpoint,
    listener: Listener,
  ): void {
    if (connection.isSilent || !client.host.up) return;
    if (client.state !== 'opening' || client.vanished) {
      client.sendReset();
      return;
    }
    // The acknowledgement leaves before any data that the process writes when it hears of the connection.
    client.sendControl('accept', () => this.#accept(connection, client, server, listener));
    const { socket } = client;
    client.state = 'open';
    socket?.resource.runInAsyncScope(socket.established, socket);
  }

  #accept(connection: Connection, client: Endpoint, server: Endpoint, listener: Listener): void {
    if (connection.isSilent || !server.host.up || server.state === 'closed') return;
    if (
      server.vanished ||
      !listener.life.alive ||
      server.host.listeners.get(server.port) !== listener
    ) {
      server.sendReset();
      return;
    }
    this.established += 1;
    connection.wasEstablished = true;
    const acceptor = listener.server as ListeningServer;
    if (acceptor.maxConnections && acceptor._connections >= acceptor.maxConnections) {
      server.sendReset();
      listener.resource.runInAsyncScope(() => acceptor.emit('drop', addressesOf(client, server)));
      return;
    }
    listener.resource.runInAsyncScope(() => {
      const socket = new SimulatedSocket({
        allowHalfOpen: acceptor.allowHalfOpen ?? false,
        local: { address: server.host.address, port: server.port },
        remote: { address: client.host.address, port: client.port },
        connecting: false,
        server: acceptor,
        ...(acceptor instanceof http.Server ? { rewrite: stampVirtualDate } : {}),
      });
      server.socket = socket;
      socket.attach(server);
      server.opened();
      acceptor._connections++;
      acceptor.emit('connection', socket);
      // Node's net.Server starts to read as soon as the listeners have had their turn.
      socket.read(0);
    });
  }

  // Faults.

  /** The process of `host` is gone; its kernel resets every peer. */
  processDied(host: Host): void {
    host.listeners.clear();
    for (const endpoint of [...host.endpoints]) {
      endpoint.socket = undefined;
      endpoint.sendReset();
    }
  }

  /** The machine is gone, and nobody is told. */
  powerLost(host: Host): void {
    host.listeners.clear();
    host.up = false;
    for (const endpoint of [...host.endpoints]) endpoint.vanish();
  }

  /** The machine is back: what its peers still send to its former life is answered with RST. */
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
    for (const connection of hit) connection.isSilent = true;
    return hit.length;
  }

  /** Ends all silences. */
  repairAll(): void {
    for (const connection of this.connections) {
      if (connection.isSilent) connection.repair();
    }
  }

  #connectionsOf(host: Host): Connection[] {
    return [...this.connections].filter(
      ({ client, server }) => client?.host === host || server?.host === host,
    );
  }
}

function failConnect(
  client: Endpoint,
  code: 'ECONNREFUSED' | 'ETIMEDOUT',
  socket: SimulatedSocket | undefined,
  peer?: { readonly address: string; readonly port: number },
): void {
  if (client.state !== 'opening' || socket === undefined || !client.host.up) return;
  const error = systemError(code, 'connect', peer);
  socket.resource.runInAsyncScope(() => socket.destroy(error));
}

function addressesOf(client: Endpoint, server: Endpoint) {
  return {
    localAddress: server.host.address,
    localPort: server.port,
    localFamily: 'IPv4',
    remoteAddress: client.host.address,
    remotePort: client.port,
    remoteFamily: 'IPv4',
  };
}

/** It has what users of `net.Socket` look for; the class itself is Node's, and tied to its bindings. */
function asNetSocket(socket: SimulatedSocket): Socket {
  return socket as unknown as Socket;
}

/** A host that the scenario does not have. */
export function unknownHost(name: string): SimulationError {
  return new SimulationError(
    'ERR_SIM_INVALID_SCENARIO',
    `the scenario has no host named ${JSON.stringify(name)}`,
  );
}
