/** Addresses and names of simulated hosts, as sockets, servers and errors show them. */
import { systemError } from '../../engine/errors.ts';
import type { Connection, Endpoint } from '../ports.ts';

export const loopback = '127.0.0.1';

export function addressOf(end: { readonly address: string }, connection: Connection, port: number) {
  return { address: connection.isLoopback ? loopback : end.address, port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** As `dns.lookup` reports it. */
export function nameNotFound(hostname: string): NodeJS.ErrnoException {
  const error = systemError('ENOTFOUND', 'getaddrinfo');
  error.message = `getaddrinfo ENOTFOUND ${hostname}`;
  return Object.assign(error, { hostname });
}

export function addressesOf(client: Endpoint, server: Endpoint) {
  const local = addressOf(server, server.connection, server.port);
  const remote = addressOf(client, client.connection, client.port);
  return {
    localAddress: local.address,
    localPort: local.port,
    localFamily: 'IPv4',
    remoteAddress: remote.address,
    remotePort: remote.port,
    remoteFamily: 'IPv4',
  };
}
