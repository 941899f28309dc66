/** The same chat with the registry behind it, wired as the project's README says. */
import type { RegistryOptions } from '../../../../src/index.ts';
import { shippedLibrary } from '../../registry/library.ts';
import { startRegistryServer } from '../../registry/servers/registry-server.ts';
import { answer, lookUpSession, type StartChat, userOf } from '../chat.ts';

export function registryServer(options: RegistryOptions): StartChat {
  return (settings, exit) => {
    const { registry } = startRegistryServer({
      library: shippedLibrary,
      registry: {
        maxManagersPerUser: settings.tabsPerUserMax,
        maxFramesPerSecond: settings.messagesPerSecondMax,
        ...options,
      },
      hooks: {
        authenticate: async (request) => {
          await lookUpSession(settings);
          const userId = userOf(request);
          return userId === undefined ? null : { userId };
        },
        onConnection: ({ socket }) => {
          socket.on('message', (text) => answer(socket, text));
        },
      },
    });
    process.once('SIGTERM', () => registry.shutdown({ drainMs: 10_000 }).then(exit));
    return {
      post(userId, text) {
        for (const manager of registry.managers(userId)) manager.send(text);
      },
    };
  };
}
