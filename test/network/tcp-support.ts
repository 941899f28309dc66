/** A server and a client on simulated sockets, and what happens to them with its virtual time. */
import net from 'node:net';
import type { World } from '../../sim/run/world.ts';
import { type Boot, now, type RunOptions, runClean } from '../run/support.ts';

export type Seen = string[];

/** Everything that happens to a socket, with its virtual time. */
export function watch(seen: Seen, name: string, socket: net.Socket): net.Socket {
  const note = (what: string) => seen.push(`${now()} ${name} ${what}`);
  socket.on('connect', () => note('connect'));
  socket.on('data', (bytes) => note(`data ${bytes}`));
  socket.on('end', () => note('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => note(`error ${error.code}`));
  socket.on('close', () => note('close'));
  return socket;
}

export function server(seen: Seen, then: (socket: net.Socket) => void = () => {}): Boot {
  return () => {
    net.createServer((socket) => then(watch(seen, 'server', socket))).listen(80);
  };
}

/** A client that connects at 10 and then does what it is told. */
export function client(seen: Seen, then: (socket: net.Socket) => void = () => {}): Boot {
  return () => {
    setTimeout(() => then(watch(seen, 'client', net.connect(80, 'server'))), 10);
  };
}

export const later = (ms: number, then: () => void) => void setTimeout(then, ms);
export const silence = (world: World) => void world.network.silence(world.host('client'));
export const repair = (world: World) => world.network.repairAll();

export async function seenIn(
  serverDoes: (socket: net.Socket) => void,
  clientDoes: (socket: net.Socket) => void,
  options: RunOptions = {},
): Promise<Seen> {
  const seen: Seen = [];
  await runClean({ server: server(seen, serverDoes), client: client(seen, clientDoes) }, options);
  return seen;
}

export const nothing = () => {};
