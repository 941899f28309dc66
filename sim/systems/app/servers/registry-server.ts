/** The same chat with the registry behind it, wired as the project's README says. */
import http from 'node:http';
import { WebSocketServer } from 'ws';
import { attach, type RegistryOptions, WebSocketManagerRegistry } from '../../../../src/index.ts';
import { answer, chatPort, lookUpSession, type StartChat, userOf } from '../chat.ts';

export function registryServer(options: RegistryOptions): StartChat {
  return (settings, exit) => {
    const registry = new WebSocketManagerRegistry({
      maxManagersPerUser: settings.tabsPerUserMax,
      maxFramesPerSecond: settings.messagesPerSecondMax,
      ...options,
    });
    const server = http.createServer();
    attach(registry, {
      server,
      webSocketServer: new WebSocketServer({ noServer: true, perMessageDeflate: false }),
      authenticate: async (request) => {
        await lookUpSession(settings);
        const userId = userOf(request);
        return userId === undefined ? null : { userId };
      },
      onConnection: ({ socket }) => {
        socket.on('message', (text) => answer(socket, text));
      },
    });
    process.once('SIGTERM', () => registry.shutdown({ drainMs: 10_000 }).then(exit));
    server.listen(chatPort);
    return {
      post(userId, text) {
        for (const manager of registry.managers(userId)) manager.send(text);
      },
    };
  };
}
