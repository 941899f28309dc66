// A Fastify app: its server is an `http.Server`, and its `preClose` hook is where sockets go.
import fastify from 'fastify';
import { attach, WebSocketManagerRegistry } from 'leaktight';
import { WebSocketServer } from 'ws';

const app = fastify();
const registry = new WebSocketManagerRegistry();

/** Who a request is from: the same answer for a route and for a socket. */
function userOf(request) {
  return request.headers.authorization?.match(/^Bearer (\w+)$/)?.[1];
}

app.get('/', async () => ({ hello: 'world' }));

app.get('/me/tabs', async (request, reply) => {
  const userId = userOf(request);
  if (userId === undefined) return reply.code(401).send();
  return { tabs: registry.count(userId), limit: registry.options.maxManagersPerUser };
});

const attachment = attach(registry, {
  server: app.server,
  webSocketServer: new WebSocketServer({ noServer: true }),
  path: '/chat',
  authenticate: (request) => {
    const userId = userOf(request);
    return userId === undefined ? null : { userId };
  },
  onConnection: ({ manager, socket }) => {
    socket.on('message', (data) => manager.send(String(data)));
  },
});

// Before Fastify waits for its connections, of which the sockets are some.
app.addHook('preClose', async () => {
  await registry.shutdown({ drainMs: 10_000 });
  await attachment.detach();
});

process.once('SIGTERM', () => app.close());
await app.listen({ host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.PORT ?? 8080) });
console.log(`listening on ${app.server.address().port}`);
