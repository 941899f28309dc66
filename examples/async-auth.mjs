// Tokens are looked up in a store that may be slow, or down: an upgrade waits for it, but not for ever.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { attach, WebSocketManagerRegistry } from 'leaktight';
import { WebSocketServer } from 'ws';

/** Stands for a database: answers after a while, and stops when it is told to. */
const sessions = {
  rows: new Map([
    ['token-of-ada', { userId: 'ada', threads: ['support'] }],
    ['token-of-bob', { userId: 'bob', threads: [] }],
  ]),
  async find(token, { signal }) {
    if (token === 'down') throw new Error('the store is down');
    await sleep(token === 'slow' ? 60_000 : 20, undefined, { signal });
    return this.rows.get(token);
  },
};

const registry = new WebSocketManagerRegistry();
const server = createServer((_request, response) => response.end('hello\n'));

attach(registry, {
  server,
  webSocketServer: new WebSocketServer({ noServer: true }),
  // The origin is checked first: a page of another site costs no look-up. A program sends no origin.
  checkOrigin: (origin, request) =>
    origin === undefined || origin.replace(/^https?:\/\//, '') === request.headers.host,
  authenticate: async (request) => {
    const token = request.headers.authorization?.match(/^Bearer ([\w-]+)$/)?.[1];
    if (token === undefined) return null; // 401
    // This bound is below `authenticationTimeoutMs`. An error is a `hookError` and a 503.
    const session = await sessions.find(token, { signal: AbortSignal.timeout(2_000) });
    return session === undefined ? null : { userId: session.userId };
  },
  // Called only for a `threadId` that the client names itself. Anything but `true` is a 403.
  authorizeThread: async (userId, threadId) => {
    const rows = [...sessions.rows.values()];
    return rows.some((row) => row.userId === userId && row.threads.includes(threadId));
  },
  authenticationTimeoutMs: 3_000, // For the three checks together.
  onConnection: ({ manager, socket }) => {
    socket.send(
      JSON.stringify({ userId: manager.context.userId, threadId: manager.context.threadId }),
    );
  },
});

registry.on('hookError', ({ hook, error }) => console.error(`${hook}: ${error.message}`));

process.once('SIGTERM', async () => {
  server.close();
  await registry.shutdown({ drainMs: 10_000 });
  process.exit();
});
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});
