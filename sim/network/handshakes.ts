/**
 * How simulated connections are made: SYN, its answer, and the acknowledgement that makes the server's process hear of
 * it; or they are refused, or time out.
 */
import http from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectOptions } from '../engine/active-run.ts';
import { systemError } from '../engine/errors.ts';
import { beforeTimers } from '../engine/event-queue.ts';
import { stampVirtualDate } from '../platform/http-date.ts';
import type { SimulatedProcess } from '../process/simulated-process.ts';
import { addressesOf, addressOf, isLoopback, loopback, nameNotFound } from './addresses.ts';
import { Connection, type Wire } from './connection.ts';
import { Endpoint } from './endpoint.ts';
import type { Host, Listener } from './host.ts';
import type { ListeningServer } from './listening.ts';
import type { NetworkContext } from './network.ts';
import { ProxiedConnection, type ReverseProxy } from './proxy.ts';
import { SimulatedSocket } from './socket.ts';

/** A connect that is under way. */
interface PreparedRun {
  readonly connection: Connection;
  readonly client: Endpoint;
  readonly target: Host;
  readonly port: number;
  readonly key: readonly (string | number)[];
  readonly sinceMs: number;
}

/** How long Linux waits for the answer to the first SYN (RFC 6298, section 2). */
const firstSynRetryMs = 1_000;

export class Handshakes {
  readonly #wire: Wire;
  readonly #context: Pick<NetworkContext, 'random' | 'hostNamed' | 'hostOf'>;
  readonly #began: (connection: Connection) => void;
  /** Handshakes that were completed. */
  completed = 0;
  #nextOrdinal = 1;

  /** @param began Told of every connection whose first SYN is sent. */
  constructor(
    wire: Wire,
    context: Pick<NetworkContext, 'random' | 'hostNamed' | 'hostOf'>,
    began: (connection: Connection) => void,
  ) {
    this.#wire = wire;
    this.#context = context;
    this.#began = began;
  }

  connect(options: ConnectOptions, owner: SimulatedProcess): Socket {
    const host = this.#context.hostOf(owner);
    const byLoopback = isLoopback(options.host);
    const target = byLoopback ? host : this.#context.hostNamed(options.host);
    const port = host.takePort();
    const socket = new SimulatedSocket({
      allowHalfOpen: options.allowHalfOpen,
      local: { address: byLoopback ? loopback : host.address, port },
      remote: { address: byLoopback ? loopback : (target?.address ?? ''), port: options.port },
      connecting: true,
    });
    if (!owner.alive) return asNetSocket(socket);
    const connection = new Connection(this.#nextOrdinal++, byLoopback, this.#wire);
    const key = [host.name, owner.incarnation, host.nextConnection++] as const;
    const client = new Endpoint(connection, host, owner, port, this.#wire, this.#random('up', key));
    connection.client = client;
    client.socket = socket;
    socket.attach(client);
    if (target === undefined) {
      const error = nameNotFound(options.host);
      process.nextTick(() => socket.destroy(error));
      return asNetSocket(socket);
    }
    this.#began(connection);
    this.#sendSyn(
      { connection, client, target, port: options.port, key, sinceMs: this.#wire.nowMs },
      0,
    );
    return asNetSocket(socket);
  }

  #random(direction: 'up' | 'down', key: readonly (string | number)[]) {
    return this.#context.random.for('link', direction, ...key);
  }

  #sendSyn(prepared: PreparedRun, retries: number): void {
    prepared.client.sender.schedule('syn', () => this.#synArrives(prepared, retries));
  }

  #synArrives(prepared: PreparedRun, retries: number): void {
    const { connection, client, target, port, key } = prepared;
    const isDropped = this.#wire.nowMs < target.blackholeUntilMs;
    if (!target.up || connection.isSilent || isDropped || this.#wire.isCut(client.host, target)) {
      this.#retrySyn(prepared, retries);
      return;
    }
    const listener = target.listeners.get(port);
    const refused =
      listener === undefined || !listener.owner.alive || this.#wire.nowMs < target.refusesUntilMs;
    const owner = listener?.owner ?? client.owner;
    connection.server?.vanish();
    const random = this.#random('down', retries === 0 ? key : [...key, retries]);
    const server = new Endpoint(connection, target, owner, port, this.#wire, random);
    connection.server = server;
    this.#passProxy(prepared, target.proxy);
    if (refused) {
      server.sender.schedule('refused', () => this.#refuse(prepared, retries));
      return;
    }
    server.sender.schedule('syn-ack', () =>
      this.#synAckArrives(prepared, retries, server, listener),
    );
  }

  #passProxy({ connection, key }: PreparedRun, proxy: ReverseProxy | undefined): void {
    const isThere = proxy !== undefined && this.#wire.nowMs < proxy.untilMs;
    if (!isThere || connection.isLoopback || connection.proxied !== undefined) return;
    const random = this.#context.random.for('proxy', ...key);
    connection.proxied = new ProxiedConnection(proxy, connection, this.#wire, random);
  }

  /** A SYN without an answer is sent again after 1, 2, 4 … seconds (`tcp_syn_retries`), until the kernel gives up. */
  #retrySyn(prepared: PreparedRun, retries: number): void {
    const { client, sinceMs } = prepared;
    if (client.state !== 'opening') return;
    const retryMs = sinceMs + firstSynRetryMs * (2 ** (retries + 1) - 1);
    const deadlineMs = sinceMs + this.#wire.profile.connectTimeoutMs;
    const givesUp = retryMs >= deadlineMs;
    this.#wire.schedule({
      kind: 'timeout',
      atMs: Math.max(this.#wire.nowMs, givesUp ? deadlineMs : retryMs),
      side: beforeTimers,
      owner: client.owner,
      id: client.connection.ordinal,
      fire: () => {
        if (client.state !== 'opening' || client.vanished) return;
        if (givesUp) this.#connectTimesOut(prepared);
        else this.#sendSyn(prepared, retries + 1);
      },
    });
  }

  #connectTimesOut({ connection, client, target, port }: PreparedRun): void {
    failConnect(client, 'ETIMEDOUT', addressOf(target, connection, port));
    const { server } = connection;
    if (server?.state === 'opening') server.vanish();
  }

  #refuse(prepared: PreparedRun, retries: number): void {
    const { connection, client, target, port } = prepared;
    connection.server?.vanish();
    if (connection.isSilent || this.#wire.isCut(target, client.host)) {
      this.#retrySyn(prepared, retries);
      return;
    }
    failConnect(client, 'ECONNREFUSED', addressOf(target, connection, port));
  }

  #synAckArrives(
    prepared: PreparedRun,
    retries: number,
    server: Endpoint,
    listener: Listener,
  ): void {
    const { connection, client } = prepared;
    const isCut = this.#wire.isCut(server.host, client.host);
    if (!client.host.up || connection.isSilent || isCut) {
      // Linux keeps such a half of a handshake for a minute; no process ever hears of it.
      server.vanish();
      this.#retrySyn(prepared, retries);
      return;
    }
    if (client.state !== 'opening' || client.vanished) {
      client.sendReset();
      return;
    }
    // The acknowledgement leaves before any data that the process writes when it hears of the connection.
    client.sender.sendAccept(() => this.#accept(connection, client, server, listener));
    const { socket } = client;
    client.state = 'open';
    whenAwake(client, () => {
      // A timer that was late may have given it up.
      if (socket === undefined || client.socket !== socket) return;
      socket.resource.runInAsyncScope(socket.established, socket);
    });
  }

  #accept(connection: Connection, client: Endpoint, server: Endpoint, listener: Listener): void {
    if (server.state === 'closed' && !server.vanished) return;
    if (server.vanished || !isListening(server, listener)) {
      server.sendReset();
      return;
    }
    this.completed += 1;
    connection.wasEstablished = true;
    if (listener.owner.pause === undefined) {
      this.#handOver(connection, client, server, listener);
      return;
    }
    // The queue of the kernel: the client may send already.
    server.opened();
    whenAwake(server, () => {
      if (isListening(server, listener)) this.#handOver(connection, client, server, listener);
      else server.sendReset();
    });
  }

  /** The process hears of a connection. */
  #handOver(connection: Connection, client: Endpoint, server: Endpoint, listener: Listener): void {
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
        local: addressOf(server, connection, server.port),
        remote: addressOf(client, connection, client.port),
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
}

function failConnect(
  client: Endpoint,
  code: 'ECONNREFUSED' | 'ETIMEDOUT',
  peer: { readonly address: string; readonly port: number },
): void {
  const { socket } = client;
  if (client.state !== 'opening' || socket === undefined || !client.host.up) return;
  const error = systemError(code, 'connect', peer);
  whenAwake(client, () => {
    if (client.socket !== socket) return;
    socket.resource.runInAsyncScope(() => socket.destroy(error));
  });
}

/** Does now, or when the event loop of that end goes on, what its process is to hear. */
function whenAwake({ owner, connection }: Endpoint, tell: () => void): void {
  if (owner.pause === undefined) tell();
  else owner.pause.addDelivery(connection.ordinal, tell);
}

/** Whether the process that began to listen still does. */
function isListening(server: Endpoint, listener: Listener): boolean {
  return listener.owner.alive && server.host.listeners.get(server.port) === listener;
}

/** It has what users of `net.Socket` look for; the class itself is Node's, and tied to its bindings. */
function asNetSocket(socket: SimulatedSocket): Socket {
  return socket as unknown as Socket;
}
