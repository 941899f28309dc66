import { createServer } from 'node:http';
import { attach, WebSocketManagerRegistry } from 'leaktight';
import { WebSocketServer } from 'ws';

const registry = new WebSocketManagerRegistry(); // at most 20 managers a user
const server = createServer();

attach(registry, {
  server,
  webSocketServer: new WebSocketServer({ noServer: true }),
  // Your session or token check. `null` is answered with 401.
  authenticate: async (request) => {
    const userId = request.headers.authorization?.replace(/^Bearer /, '');
    return userId ? { userId } : null;
  },
  // `manager.send` reaches every tab of this user and thread, and no other client.
  onConnection: ({ manager, socket }) => {
    socket.on('message', (data) => manager.send(String(data)));
  },
});

registry.on('limitReached', ({ userId, count, limit }) => {
  console.log(`${userId} was refused at ${count} of ${limit}`);
});
registry.on('hookError', ({ hook, error }) => console.error(`${hook} failed`, error));

process.once('SIGTERM', () => registry.shutdown({ drainMs: 10_000 }).then(() => process.exit()));
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});
