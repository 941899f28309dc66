/**
 * How a client connects: its SYN, sent again while no answer comes, and what the answer makes of it; or the connect is
 * refused, or times out. What the server's process hears is the acceptor's.
 */
import type { Socket } from 'node:net';
import { systemError } from '../../engine/errors.ts';
import { beforeTimers } from '../../engine/event-queue.ts';
import type { RandomSource } from '../../engine/random.ts';
import type { ConnectOptions } from '../../process/active-run.ts';
import type { SimulatedProcess } from '../../process/simulated-process.ts';
import { addressOf, isLoopback, loopback, nameNotFound } from '../hosts/addresses.ts';
import type { Host, Listener } from '../hosts/host.ts';
import { ProxiedConnection } from '../proxy/proxy.ts';
import type { ReverseProxy } from '../proxy/proxy-options.ts';
import type { ServerSupport } from '../socket/listening.ts';
import { SimulatedSocket } from '../socket/socket.ts';
import type { Wire } from '../wire.ts';
import { Acceptor } from './acceptor.ts';
import { TcpConnection } from './connection.ts';
import { deliver } from './deliver.ts';
import { TcpEndpoint } from './endpoint.ts';

/** The hosts of a run, as a client finds them, and the streams that belong to their connections. */
export interface HostLookup {
  readonly random: RandomSource;
  hostNamed(nameOrAddress: string): Host | undefined;
  hostOf(owner: SimulatedProcess): Host;
}

/** A connect that is under way. */
interface Connect {
  readonly connection: TcpConnection;
  readonly client: TcpEndpoint;
  readonly target: Host;
  readonly port: number;
  readonly key: readonly (string | number)[];
  readonly sinceMs: number;
}

/** How long Linux waits for the answer to the first SYN (RFC 6298, section 2). */
const firstSynRetryMs = 1_000;

export class Handshakes {
  readonly #wire: Wire;
  readonly #hosts: HostLookup;
  readonly #acceptor: Acceptor;
  readonly #began: (connection: TcpConnection) => void;
  #nextOrdinal = 1;

  /** @param began Told of every connection whose first SYN is sent. */
  constructor(
    wire: Wire,
    hosts: HostLookup,
    support: ServerSupport,
    began: (connection: TcpConnection) => void,
  ) {
    this.#wire = wire;
    this.#hosts = hosts;
    this.#acceptor = new Acceptor(support);
    this.#began = began;
  }

  /** Handshakes that were completed. */
  get completed(): number {
    return this.#acceptor.accepted;
  }

  connect(options: ConnectOptions, owner: SimulatedProcess): Socket {
    const host = this.#hosts.hostOf(owner);
    const byLoopback = isLoopback(options.host);
    const target = byLoopback ? host : this.#hosts.hostNamed(options.host);
    const port = host.takePort();
    const socket = new SimulatedSocket({
      allowHalfOpen: options.allowHalfOpen,
      local: { address: byLoopback ? loopback : host.address, port },
      remote: { address: byLoopback ? loopback : (target?.address ?? ''), port: options.port },
      connecting: true,
    });
    if (!owner.alive) return asNetSocket(socket);
    const connection = new TcpConnection(this.#nextOrdinal++, byLoopback, this.#wire);
    const key = [host.name, owner.incarnation, host.nextConnection++] as const;
    const client = new TcpEndpoint(
      connection,
      host,
      owner,
      port,
      this.#wire,
      this.#random('up', key),
    );
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
    return this.#hosts.random.for('link', direction, ...key);
  }

  #sendSyn(connect: Connect, retries: number): void {
    connect.client.sender.schedule('syn', () => this.#synArrives(connect, retries));
  }

  #synArrives(connect: Connect, retries: number): void {
    const { connection, client, target, port, key } = connect;
    const isDropped = this.#wire.nowMs < target.blackholeUntilMs;
    if (!target.up || connection.isSilent || isDropped || this.#wire.isCut(client.host, target)) {
      this.#retrySyn(connect, retries);
      return;
    }
    const listener = target.listeners.get(port);
    const refused =
      listener === undefined || !listener.owner.alive || this.#wire.nowMs < target.refusesUntilMs;
    const owner = listener?.owner ?? client.owner;
    connection.server?.vanish();
    const random = this.#random('down', retries === 0 ? key : [...key, retries]);
    const server = new TcpEndpoint(connection, target, owner, port, this.#wire, random);
    connection.server = server;
    this.#passProxy(connect, target.proxy);
    if (refused) {
      server.sender.schedule('refused', () => this.#refuse(connect, retries));
      return;
    }
    server.sender.schedule('syn-ack', () =>
      this.#synAckArrives(connect, retries, server, listener),
    );
  }

  #passProxy({ connection, key }: Connect, proxy: ReverseProxy | undefined): void {
    const isThere = proxy !== undefined && this.#wire.nowMs < proxy.untilMs;
    if (!isThere || connection.isLoopback || connection.proxied !== undefined) return;
    const random = this.#hosts.random.for('proxy', ...key);
    connection.proxied = new ProxiedConnection(proxy, connection, this.#wire, random);
  }

  /** A SYN without an answer is sent again after 1, 2, 4 … seconds (`tcp_syn_retries`), until the kernel gives up. */
  #retrySyn(connect: Connect, retries: number): void {
    const { client, sinceMs } = connect;
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
        if (givesUp) this.#connectTimesOut(connect);
        else this.#sendSyn(connect, retries + 1);
      },
    });
  }

  #connectTimesOut({ connection, client, target, port }: Connect): void {
    failConnect(client, 'ETIMEDOUT', addressOf(target, connection, port));
    const { server } = connection;
    if (server?.state === 'opening') server.vanish();
  }

  #refuse(connect: Connect, retries: number): void {
    const { connection, client, target, port } = connect;
    connection.server?.vanish();
    if (connection.isSilent || this.#wire.isCut(target, client.host)) {
      this.#retrySyn(connect, retries);
      return;
    }
    failConnect(client, 'ECONNREFUSED', addressOf(target, connection, port));
  }

  #synAckArrives(connect: Connect, retries: number, server: TcpEndpoint, listener: Listener): void {
    const { connection, client } = connect;
    const isCut = this.#wire.isCut(server.host, client.host);
    if (!client.host.up || connection.isSilent || isCut) {
      // Linux keeps such a half of a handshake for a minute; no process ever hears of it.
      server.vanish();
      this.#retrySyn(connect, retries);
      return;
    }
    if (client.state !== 'opening' || client.vanished) {
      client.sendReset();
      return;
    }
    // The acknowledgement leaves before any data that the process writes when it hears of the connection.
    client.sender.sendAccept(() => this.#acceptor.accept(connection, client, server, listener));
    const { socket } = client;
    client.open();
    deliver(client, () => {
      // A timer that was late may have given it up.
      if (socket === undefined || client.socket !== socket) return;
      socket.resource.runInAsyncScope(socket.established, socket);
    });
  }
}

function failConnect(
  client: TcpEndpoint,
  code: 'ECONNREFUSED' | 'ETIMEDOUT',
  peer: { readonly address: string; readonly port: number },
): void {
  const { socket } = client;
  if (client.state !== 'opening' || socket === undefined || !client.host.up) return;
  const error = systemError(code, 'connect', peer);
  deliver(client, () => {
    if (client.socket !== socket) return;
    socket.resource.runInAsyncScope(() => socket.destroy(error));
  });
}

/** It has what users of `net.Socket` look for; the class itself is Node's, and tied to its bindings. */
function asNetSocket(socket: SimulatedSocket): Socket {
  return socket as unknown as Socket;
}
