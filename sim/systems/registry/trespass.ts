/** Tries every way into the manager of one tab with the context of another: each must be refused and counted. */
import type { WebSocketManagerRegistry } from '../../../src/index.ts';
import type { ChatClient } from './clients/chat-client.ts';
import type { ClientObservations } from './clients/client-observations.ts';
import type { Library } from './library.ts';
import type { Connect } from './scenario.ts';
import type { Server } from './servers/server-under-test.ts';

/** A tab, and its last connect action. */
export interface TabWithHome {
  readonly tab: ChatClient;
  readonly home: Connect | undefined;
}

/** The context of a tab, or of its last thread. */
export function contextOf(
  registry: WebSocketManagerRegistry,
  tab: ChatClient,
  home: Connect | undefined,
) {
  return registry.contextFor({
    userId: tab.user,
    websocketClientId: home?.clientId ?? undefined,
    threadId: home?.threadId ?? undefined,
  });
}

export class Trespass {
  readonly #library: Library;
  readonly #observations: ClientObservations;

  constructor(library: Library, observations: ClientObservations) {
    this.#library = library;
    this.#observations = observations;
  }

  try(server: Server, owner: TabWithHome, other: TabWithHome): void {
    server.run(({ registry }, recorder) => {
      if (owner.home === undefined || other.home === undefined) return;
      // A registry that shuts down refuses every caller, for another reason.
      if (recorder.due.shutdowns.size > 0) return;
      const manager = registry.get(contextOf(registry, owner.tab, owner.home));
      const context = contextOf(registry, other.tab, other.home);
      if (manager === undefined || manager.isolationKey === context.isolationKey) return;
      recorder.touchedUsers.add(owner.tab.user);
      const socket = [...manager.connections.values()][0]?.socket;
      const standing = () =>
        [manager.state, manager.connections.size, manager.queuedMessages].join(', ');
      const before = standing();
      const violations = registry.stats().securityViolations;
      const ways: { readonly [way: string]: () => unknown } = {
        send: () => manager.send('not yours', { context }),
        release: () => registry.release(manager, { context }),
        ...(socket === undefined ? {} : { connect: () => manager.connect(socket, { context }) }),
      };
      for (const [way, call] of Object.entries(ways)) this.#mustBeRefused(way, call);
      const counted = registry.stats().securityViolations - violations;
      const tried = Object.keys(ways).length;
      if (counted !== tried)
        this.#observations.complain('trespass', `of ${tried} trespasses ${counted} were counted`);
      if (standing() !== before)
        this.#observations.complain(
          'trespass',
          `a trespass left ${manager.isolationKey} ${standing()}, not ${before}`,
        );
    });
  }

  #mustBeRefused(way: string, call: () => unknown): void {
    const complain = (text: string) =>
      this.#observations.complain('trespass', `${way} of another ${text}`);
    const failed = (error: unknown) => {
      if (!(error instanceof this.#library.IsolationError))
        complain(`failed with ${String(error)}`);
    };
    const succeeded = () => complain('succeeded');
    try {
      const result = call();
      if (result instanceof Promise) result.then(succeeded, failed);
      else succeeded();
    } catch (error) {
      failed(error);
    }
  }
}
