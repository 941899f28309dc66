/**
 * What most people have: `ws`, the heartbeat of its README, and a Map of user to sockets. Statement for
 * statement where the README has them.
 */
import { createServer, type Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { userOf } from './user-of.ts';

interface Beating extends WebSocket {
  isAlive?: boolean;
}

function heartbeat(this: Beating): void {
  this.isAlive = true;
}

/** With `beat`, the README's example "How to detect and close broken connections". */
export function listen(wss: WebSocketServer): void {
  wss.on('connection', (ws: Beating) => {
    ws.isAlive = true;
    ws.on('error', console.error);
    ws.on('pong', heartbeat);
  });
}

export function beat(wss: WebSocketServer, intervalMs: number): void {
  const interval = setInterval(() => {
    wss.clients.forEach((ws: Beating) => {
      if (ws.isAlive === false) {
        ws.terminate();
        return;
      }

      ws.isAlive = false;
      ws.ping();
    });
  }, intervalMs);

  wss.on('close', () => clearInterval(interval));
}

export function serveBaseline(): { readonly server: Server; left(): number } {
  const server = createServer();
  const wss = new WebSocketServer({ server });
  const socketsByUser = new Map<string, Set<WebSocket>>();
  listen(wss);
  beat(wss, 30_000);

  wss.on('connection', (socket, request) => {
    const userId = userOf(request);
    if (userId === undefined) {
      socket.close(1008);
      return;
    }
    let sockets = socketsByUser.get(userId);
    if (sockets === undefined) {
      sockets = new Set();
      socketsByUser.set(userId, sockets);
    }
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) socketsByUser.delete(userId);
    });
    socket.on('message', (data) => socket.send(String(data)));
  });
  return { server, left: () => socketsByUser.size };
}
