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
  pauseOnConnect?: boolean;
};

/** A connect that is under way. */
interface Attempt {
  readonly connection: Connection;
  readonly client: Endpoint;
  readonly target: Host;
  readonly port: number;
  readonly key: readonly (string | number)[];
  readonly sinceMs: number;
}

/** How long Linux waits for the answer to the first SYN (RFC 6298, section 2). */
const firstSynRetryMs = 1_000;

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
    const { nowMs } = this;
    return slownessOf(connection.client, nowMs) + slownessOf(connection.server, nowMs);
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
      error.message = `listen EADDRINUSE: address already in use :::${bound}`;
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
      try {
        server.emit('listening');
      } finally {
        if (server instanceof http.Server) this.#httpTimeouts.stopRealChecks(server);
      }
    });
  }

  // Connecting.

  connect(options: ConnectOptions, life: Life): Socket {
    const host = this.#context.hostOf(life);
    const byLoopback = isLoopback(options.host);
    const target = byLoopback ? host : this.#context.hostNamed(options.host);
    const port = host.takePort();
    const socket = new SimulatedSocket({
      allowHalfOpen: options.allowHalfOpen,
      local: { address: byLoopback ? loopback : host.address, port },
      remote: { address: byLoopback ? loopback : (target?.address ?? ''), port: options.port },
      connecting: true,
    });
    if (!life.alive) return asNetSocket(socket);
    const connection = new Connection(this.#nextOrdinal++, byLoopback, this);
    const key = [host.name, life.incarnation, host.nextConnection++] as const;
    const client = new Endpoint(connection, host, life, port, this, this.#random('up', key));
    connection.client = client;
    client.socket = socket;
    socket.attach(client);
    if (target === undefined) {
      const error = nameNotFound(options.host);
      process.nextTick(() => socket.destroy(error));
      return asNetSocket(socket);
    }
    this.connections.add(connection);
    this.#sendSyn({ connection, client, target, port: options.port, key, sinceMs: this.nowMs }, 0);
    return asNetSocket(socket);
  }

  #random(direction: 'up' | 'down', key: readonly (string | number)[]) {
    return this.#context.random.for('link', direction, ...key);
  }

  #sendSyn(attempt: Attempt, retries: number): void {
    attempt.client.sendControl('syn', () => this.#synArrives(attempt, retries));
  }

  #synArrives(attempt: Attempt, retries: number): void {
    const { connection, client, target, port, key } = attempt;
    if (!target.up || connection.isSilent) {
      this.#retrySyn(attempt, retries);
      return;
    }
    const listener = target.listeners.get(port);
    const refused =
      listener === undefined || !listener.life.alive || this.nowMs < target.refusesUntilMs;
    const life = listener?.life ?? client.life;
    connection.server?.vanish();
    const random = this.#random('down', retries === 0 ? key : [...key, retries]);
    const server = new Endpoint(connection, target, life, port, this, random);
    connection.server = server;
    if (refused) {
      server.sendControl('refused', () => this.#refuse(attempt, retries));
      return;
    }
    server.sendControl('syn-ack', () => this.#synAckArrives(attempt, retries, server, listener));
  }

  /** A SYN without an answer is sent again after 1, 2, 4 … seconds (`tcp_syn_retries`), until the kernel gives up. */
  #retrySyn(attempt: Attempt, retries: number): void {
    const { client, sinceMs } = attempt;
    if (client.state !== 'opening') return;
    const retryMs = sinceMs + firstSynRetryMs * (2 ** (retries + 1) - 1);
    const deadlineMs = sinceMs + this.profile.connectTimeoutMs;
    const givesUp = retryMs >= deadlineMs;
    this.schedule({
      kind: 'timeout',
      atMs: Math.max(this.nowMs, givesUp ? deadlineMs : retryMs),
      side: beforeTimers,
      life: client.life,
      id: client.connection.ordinal,
      fire: () => {
        if (client.state !== 'opening' || client.vanished) return;
        if (givesUp) this.#connectTimesOut(attempt);
        else this.#sendSyn(attempt, retries + 1);
      },
    });
  }

  #connectTimesOut({ connection, client, target, port }: Attempt): void {
    failConnect(client, 'ETIMEDOUT', addressOf(target, connection, port));
    const { server } = connection;
    if (server?.state === 'opening') server.vanish();
  }

  #refuse(attempt: Attempt, retries: number): void {
    const { connection, client, target, port } = attempt;
    connection.server?.vanish();
    if (connection.isSilent) {
      this.#retrySyn(attempt, retries);
      return;
    }
    failConnect(client, 'ECONNREFUSED', addressOf(target, connection, port));
  }

  #synAckArrives(attempt: Attempt, retries: number, server: Endpoint, listener: Listener): void {
    const { connection, client } = attempt;
    if (!client.host.up || connection.isSilent) {
      // Linux keeps such a half of a handshake for a minute; no process ever hears of it.
      server.vanish();
      this.#retrySyn(attempt, retries);
      return;
    }
    if (client.state !== 'opening' || client.vanished) {
      client.sendReset();
      return;
    }
    // The acknowledgement leaves before any data that the process writes when it hears of the connection.
    client.sendAccept(() => this.#accept(connection, client, server, listener));
    const { socket } = client;
    client.state = 'open';
    socket?.resource.runInAsyncScope(socket.established, socket);
  }

  #accept(connection: Connection, client: Endpoint, server: Endpoint, listener: Listener): void {
    if (server.state === 'closed' && !server.vanished) return;
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
      server.opened();
      server.close(false);
      listener.resource.runInAsyncScope(() => acceptor.emit('drop', addressesOf(client, server)));
      return;
    }
    listener.resource.runInAsyncScope(() => {
      const socket = new SimulatedSocket({
        allowHalfOpen: acceptor.allowHalfOpen ?? false,
        local: addressOf(server.host, connection, server.port),
        remote: addressOf(client.host, connection, client.port),
        connecting: false,
        server: acceptor,
        ...(acceptor instanceof http.Server ? { rewrite: stampVirtualDate } : {}),
      });
      server.socket = socket;
      socket.attach(server);
      server.opened();
      acceptor._connections++;
      if (acceptor.pauseOnConnect === true) socket.pause();
      else socket.read(0);
      acceptor.emit('connection', socket);
    });
  }

  // Faults.

  /** The process of `host` is gone; its kernel resets every peer. */
  processDied(host: Host): void {
    host.listeners.clear();
    for (const endpoint of [...host.endpoints]) {
      // What the process had closed before, its kernel goes on flushing.
      if (endpoint.state === 'closed') continue;
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
  peer: { readonly address: string; readonly port: number },
): void {
  const { socket } = client;
  if (client.state !== 'opening' || socket === undefined || !client.host.up) return;
  const error = systemError(code, 'connect', peer);
  socket.resource.runInAsyncScope(() => socket.destroy(error));
}

function slownessOf(end: Endpoint | undefined, nowMs: number): number {
  if (end === undefined) return 0;
  const { addedMs, untilMs } = end.host.slowLink;
  return nowMs < untilMs ? addedMs : 0;
}

const loopback = '127.0.0.1';

function addressOf(host: Host, connection: Connection, port: number) {
  return { address: connection.isLoopback ? loopback : host.address, port };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** As `dns.lookup` reports it. */
function nameNotFound(hostname: string): NodeJS.ErrnoException {
  const error = systemError('ENOTFOUND', 'getaddrinfo');
  error.message = `getaddrinfo ENOTFOUND ${hostname}`;
  return Object.assign(error, { hostname });
}

function addressesOf(client: Endpoint, server: Endpoint) {
  const local = addressOf(server.host, server.connection, server.port);
  const remote = addressOf(client.host, client.connection, client.port);
  return {
    localAddress: local.address,
    localPort: local.port,
    localFamily: 'IPv4',
    remoteAddress: remote.address,
    remotePort: remote.port,
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
