// An Express app with a WebSocketServer of its own, and the registry beside it.
import { createServer } from 'node:http';
import express from 'express';
import { attach, WebSocketManagerRegistry } from 'leaktight';
import { WebSocketServer } from 'ws';

const registry = new WebSocketManagerRegistry();
const app = express();
const server = createServer(app);
const webSocketServer = new WebSocketServer({ noServer: true });

/** Who a request is from: the same answer for a route and for a socket. */
function userOf(request) {
  return request.headers.authorization?.match(/^Bearer (\w+)$/)?.[1];
}

app.get('/', (_request, response) => response.send('hello'));

app.get('/me/tabs', (request, response) => {
  const userId = userOf(request);
  if (userId === undefined) return response.sendStatus(401);
  return response.json({
    tabs: registry.count(userId),
    limit: registry.options.maxManagersPerUser,
  });
});

// A route can send to a tab: it looks the manager up by its context. `get` never creates one.
app.post('/me/tabs/:clientId', express.text(), (request, response) => {
  const userId = userOf(request);
  if (userId === undefined) return response.sendStatus(401);
  const context = registry.contextFor({ userId, websocketClientId: request.params.clientId });
  return response.json({ sentTo: registry.get(context)?.send(request.body) ?? 0 });
});

// What was there before: a public clock on the same WebSocketServer. It works as before, and answers upgrades of unknown
// paths: with another listener on the server, the registry leaves other paths alone.
server.on('upgrade', (request, socket, head) => {
  if (request.url?.startsWith('/chat')) return;
  if (request.url !== '/clock')
    return socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
  webSocketServer.handleUpgrade(request, socket, head, (clock) => {
    clock.on('error', () => {});
    clock.send(new Date().toISOString());
  });
});

attach(registry, {
  server,
  webSocketServer,
  path: '/chat',
  authenticate: (request) => {
    const userId = userOf(request);
    return userId === undefined ? null : { userId };
  },
  onConnection: ({ manager, socket }) => {
    socket.on('message', (data) => manager.send(String(data)));
  },
});

process.once('SIGTERM', async () => {
  server.close(); // No new connections, while those that are there are asked to leave.
  await registry.shutdown({ drainMs: 10_000 });
  process.exit();
});
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});
