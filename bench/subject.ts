/**
 * The two servers that are measured, each in a process of its own. They answer the same clients: every connection has a
 * user and a tab of its own, and gets its messages back.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { attach, WebSocketManagerRegistry } from '../src/index.ts';
import { serveBaseline } from './baseline.ts';
import { readMemory } from './memory.ts';
import { userOf } from './user-of.ts';

/** Without a connection, until a manager goes. Short, so that the end of each is measured with its beginning. */
const RECONNECT_GRACE_MS = 100;

export type SubjectCalls = Awaited<ReturnType<(typeof roles)['ours']>>;

export const roles = {
  baseline: () => answering(serveBaseline()),
  ours: () => answering(serveOurs()),
};

function serveOurs(): { readonly server: Server; left(): number } {
  const server = createServer();
  const registry = new WebSocketManagerRegistry({ reconnectGraceMs: RECONNECT_GRACE_MS });
  attach(registry, {
    server,
    webSocketServer: new WebSocketServer({ noServer: true }),
    authenticate: (request) => {
      const userId = userOf(request);
      return userId === undefined ? null : { userId };
    },
    onConnection: ({ socket }) => {
      socket.on('message', (data) => socket.send(String(data)));
    },
  });
  return { server, left: () => registry.size };
}

async function answering({ server, left }: { readonly server: Server; left(): number }) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  /** Until nothing is left of what connected. */
  const settled = async (): Promise<void> => {
    while (left() > 0) await sleep(10);
  };
  return {
    port: () => port,
    connected: left,
    /** Milliseconds of CPU time since the process began, on all of its threads. */
    cpuMs: async () => {
      await settled();
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    memory: readMemory,
    memoryWhenEmpty: async () => {
      await settled();
      return readMemory();
    },
  };
}
