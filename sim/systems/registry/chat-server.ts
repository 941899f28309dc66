/**
 * The server under test: `http.Server`, the real `ws`, the registry and its door, as a person would wire them after
 * reading the README. Nothing in it knows that it is simulated.
 */
import http from 'node:http';
import { WebSocketServer } from 'ws';
import type { WebSocketConnection, WebSocketManagerRegistry } from '../../../src/index.ts';
import type { Envelope } from './clients/chat-client.ts';
import type { Library } from './library.ts';
import { registryDefaults, type Settings } from './scenario.ts';

export interface ChatServer {
  readonly httpServer: http.Server;
  readonly registry: WebSocketManagerRegistry;
}

/**
 * Called in the life of the server's host, each time its process starts.
 *
 * @param authenticationMs How long the next authentication of somebody takes.
 */
export function startChatServer(
  library: Library,
  settings: Settings,
  authenticationMs: (who: string) => number,
  watch: (registry: WebSocketManagerRegistry) => void,
): ChatServer {
  // The registry's own default depends on `NODE_ENV`, and a digest must not.
  const { sweepIntervalMs } = registryDefaults;
  const registry = new library.WebSocketManagerRegistry({ sweepIntervalMs, ...settings.registry });
  watch(registry);
  const httpServer = http.createServer((_request, response) => {
    response.writeHead(404).end('only WebSocket upgrades here\n');
  });
  // `close()` calls it, and newer versions of Node take a connection without a request yet for idle. A digest must not
  // depend on that either; the door ends such connections by its own deadline.
  httpServer.closeIdleConnections = () => {};
  library.attach(registry, {
    server: httpServer,
    webSocketServer: new WebSocketServer({ noServer: true, perMessageDeflate: false }),
    authenticate: async (request) => {
      const waitMs = authenticationMs(`${request.headers.authorization} ${request.url}`);
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const token = request.headers.authorization?.replace(/^Bearer /, '');
      if (token === undefined) return null;
      const connectionId = new URL(request.url ?? '', 'ws://server').searchParams.get(
        'connectionId',
      );
      return { userId: decodeURIComponent(token), connectionId: connectionId ?? undefined };
    },
    ...(settings.guardsRooms === true ? { authorizeThread: ownsRoom } : {}),
    onConnection: (connection) => converse(connection),
  });
  httpServer.listen(8080);
  return { httpServer, registry };
}

/** Asynchronous, as one is that looks it up. */
async function ownsRoom(userId: string, threadId: string): Promise<boolean> {
  return !threadId.startsWith('room:') || threadId === `room:${userId}`;
}

function converse(connection: WebSocketConnection): void {
  const { manager, socket } = connection;
  socket.send(envelope('hello', connection, ''));
  socket.on('message', (data) => {
    manager.send(envelope('said', connection, String(data)));
  });
}

export function envelope(
  kind: Envelope['kind'],
  { manager: { context } }: Pick<WebSocketConnection, 'manager'>,
  text: string,
  number = 0,
): string {
  const { userId, threadId } = context;
  return JSON.stringify({ kind, userId, threadId, text, number } satisfies Envelope);
}
