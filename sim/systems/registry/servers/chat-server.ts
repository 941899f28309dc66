/** The chat server of the registry's scenarios: its hooks, and what it sends to its connections. */
import type { WebSocketConnection, WebSocketManagerRegistry } from '../../../../src/index.ts';
import type { Envelope } from '../clients/chat-client.ts';
import type { Library } from '../library.ts';
import { registryDefaults } from '../registry-defaults.ts';
import type { Settings } from '../scenario.ts';
import { type RegistryServer, startRegistryServer } from './registry-server.ts';

/**
 * To be called as code of the server's host, each time its process starts.
 *
 * @param authenticationMs How long the next authentication of a client and request takes.
 */
export function startChatServer(
  library: Library,
  settings: Settings,
  authenticationMs: (who: string) => number,
  watch: (registry: WebSocketManagerRegistry) => void,
): RegistryServer {
  // The registry's own default depends on `NODE_ENV`, and a digest must not.
  const { sweepIntervalMs } = registryDefaults;
  return startRegistryServer({
    library,
    registry: { sweepIntervalMs, ...settings.registry },
    watch,
    answer: (_request, response) => response.writeHead(404).end('only WebSocket upgrades here\n'),
    hooks: {
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
    },
  });
}

/** Asynchronous, like a check that queries a database. */
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
