/** The state of a server-side connection in the simulated network, independent of the registry. */
import type { WebSocketConnection } from '../../../../src/index.ts';
import type { Connection } from '../../../network/ports.ts';
import type { SimulatedSocket } from '../../../network/socket/socket.ts';

/** The TCP socket of a connection, and the client at its other end. */
export interface Line {
  readonly socket: SimulatedSocket;
  readonly connection: WebSocketConnection;
  readonly link: Connection | undefined;
  /** The name of the client's host. */
  readonly tab: string;
}

export function lineOf(connection: WebSocketConnection): Line | undefined {
  const { _socket: socket } = connection.socket as unknown as {
    readonly _socket?: SimulatedSocket;
  };
  if (socket === undefined) return undefined;
  const { link } = socket;
  return { socket, connection, link, tab: link?.client?.host.name ?? '' };
}

/** Whether the client's process runs and its kernel would deliver a ping. It does not tell whether the tab reads. */
export function isReachable({ link }: Line): boolean {
  const client = link?.client;
  // A proxy resets both ends, and the RST may reach the server first.
  if (client === undefined || link?.isSilent || link?.server?.wasReset) return false;
  return client.isOpen && client.host.up && client.owner.alive;
}

/** Whether the client's kernel has lately acknowledged bytes of the server's backlog. */
export function takesBacklog(line: Line, nowMs: number): boolean {
  if (!isReachable(line) || line.connection.socket.bufferedAmount === 0) return false;
  return (line.link?.client?.socket?.lastReceivedMs ?? 0) > nowMs - 500;
}

/** The error of a `ping` that code in the server has wrapped. */
export const brokenPing = new Error('this socket was wrapped, and its ping throws');

export function breakPing({ connection }: Line): void {
  connection.socket.ping = () => {
    throw brokenPing;
  };
}

export function isPingBroken({ connection }: Line): boolean {
  return Object.hasOwn(connection.socket, 'ping');
}
