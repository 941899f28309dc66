/** The common ways in which servers look for dead peers. */
import type { WebSocket, WebSocketServer } from 'ws';

export type Heartbeat = 'none' | 'two-rounds' | 'pong-in-time' | 'last-seen';

/** `last-seen` terminates a peer that was silent for this long by the wall clock. */
const idleMs = 15_000;
/** How long `pong-in-time` waits for a pong. */
const pongTimeoutMs = 2_000;
const roundMs = 5_000;

export const heartbeats: Readonly<Record<Heartbeat, (server: WebSocketServer) => void>> = {
  none() {},

  /** As in the README of ws: one ping per interval. A peer that has not answered by the next ping is terminated. */
  'two-rounds'(server) {
    const alive = new WeakSet<WebSocket>();
    server.on('connection', (socket) => {
      alive.add(socket);
      socket.on('pong', () => alive.add(socket));
    });
    setInterval(() => {
      for (const socket of server.clients) {
        if (!alive.delete(socket)) socket.terminate();
        else socket.ping();
      }
    }, 30_000);
  },

  /** Only a pong counts, whatever else the peer sends. */
  'pong-in-time'(server) {
    server.on('connection', (socket) => {
      const round = setInterval(() => {
        const timeout = setTimeout(() => socket.terminate(), pongTimeoutMs);
        socket.once('pong', () => clearTimeout(timeout));
        socket.ping();
      }, roundMs);
      socket.on('close', () => clearInterval(round));
    });
  },

  /** Everything that the peer sends counts, by the wall clock. The check ignores bytes that are not read yet. */
  'last-seen'(server) {
    const seenAt = new Map<WebSocket, number>();
    server.on('connection', (socket) => {
      seenAt.set(socket, Date.now());
      socket.on('message', () => seenAt.set(socket, Date.now()));
    });
    setInterval(() => {
      for (const socket of server.clients) {
        if (Date.now() - (seenAt.get(socket) ?? 0) > idleMs) socket.terminate();
      }
    }, roundMs);
  },
};
