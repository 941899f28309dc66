/** How a server comes to listen on a port of its simulated host. What a protocol adds to that is the platform's. */
import { AsyncResource } from 'node:async_hooks';
import type { Server } from 'node:net';
import { systemError } from '../../engine/errors.ts';
import type { SimulatedProcess } from '../../process/simulated-process.ts';
import type { Host, Listener } from '../hosts/host.ts';

/** The parts of `net.Server` that a listening one has and its types hide. */
export type ListeningServer = Server & {
  _handle: unknown;
  _connections: number;
  _emitCloseIfDrained(): void;
  allowHalfOpen?: boolean;
  pauseOnConnect?: boolean;
};

/** What the platform does for servers of a protocol that Node itself speaks. */
export interface ServerSupport {
  /** A server begins to listen. */
  begins(server: Server, owner: SimulatedProcess): void;
  /** A server has emitted `listening`. */
  listens(server: Server): void;
  /** Rewrites what a connection of `server` sends, for what Node stamps with real time. */
  rewriteOf(server: Server): ((bytes: Buffer) => Buffer) | undefined;
}

/** Binds `server` to `port` of `host`, or to a free port for 0. */
export function bind(
  server: Server,
  port: number,
  host: Host,
  owner: SimulatedProcess,
  support: ServerSupport,
): void {
  const listening = server as ListeningServer;
  if (listening._handle) {
    const error: NodeJS.ErrnoException = new Error(
      'Listen method has been called more than once without closing.',
    );
    error.code = 'ERR_SERVER_ALREADY_LISTEN';
    throw error;
  }
  if (!owner.alive) return;
  const bound = port === 0 ? host.takePort() : port;
  if (host.listeners.has(bound)) {
    const error = systemError('EADDRINUSE', 'listen', { address: '::', port: bound });
    error.message = `listen EADDRINUSE: address already in use :::${bound}`;
    process.nextTick(() => server.emit('error', error));
    return;
  }
  const listener: Listener = { host, server, owner, resource: new AsyncResource('TCPSERVERWRAP') };
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
  support.begins(server, owner);
  process.nextTick(() => {
    if (listening._handle === null) return;
    try {
      server.emit('listening');
    } finally {
      support.listens(server);
    }
  });
}
