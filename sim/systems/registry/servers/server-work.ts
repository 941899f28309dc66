/** The server's own work beside its answers to tabs: acquires, posts, cleanups, and its shutdown. */
import type { World } from '../../../run/world.ts';
import type { ChatClient } from '../clients/chat-client.ts';
import type { ClientObservations } from '../clients/client-observations.ts';
import type { Library } from '../library.ts';
import type { ClientExcuses } from '../model/client-excuses.ts';
import { breakPing } from '../model/ground-truth.ts';
import type { Recorder } from '../model/recorder.ts';
import { type Connect, optionOf, type Settings } from '../scenario.ts';
import { contextOf, type TabWithHome, Trespass } from '../trespass.ts';
import { envelope } from './chat-server.ts';
import type { RegistryServer } from './registry-server.ts';
import type { Server } from './server-under-test.ts';

type Registry = RegistryServer['registry'];

/** How long a flood may occupy a line with a small window and a slow link. */
const floodTroubleMs = 20_000;

export class ServerWork {
  readonly #world: World;
  readonly #library: Library;
  readonly #settings: Settings;
  readonly #observations: ClientObservations;
  readonly #clientExcuses: ClientExcuses;
  #posts = 0;
  /** Expectations that failed. */
  readonly unmetExpectations: string[] = [];

  constructor(
    world: World,
    library: Library,
    settings: Settings,
    observations: ClientObservations,
    clientExcuses: ClientExcuses,
  ) {
    this.#world = world;
    this.#library = library;
    this.#settings = settings;
    this.#observations = observations;
    this.#clientExcuses = clientExcuses;
  }

  acquire(server: Server, userId: string, websocketClientId: string): void {
    server.run(({ registry }, recorder) => {
      const context = this.#library.UserExecutionContext.fromWebSocketRequest({
        userId,
        websocketClientId,
      });
      this.#observations.noteThread(userId, context.threadId);
      const boundMs = this.#option('emergencyDeadlineMs') + this.#option('closeTimeoutMs');
      const acquired = registry.acquire(context).then((manager) => {
        recorder.expectLater(manager);
        if (!recorder.live.has(manager)) {
          const text = `acquire gave a manager of ${manager.isolationKey} that the registry does not hold`;
          this.#observations.complain('outsider', text);
        }
        if (manager.context.threadId === context.threadId && manager.context.userId === userId)
          return;
        this.#observations.complain(
          'identity',
          `acquire for thread ${context.threadId} gave a manager of ${manager.context.threadId}`,
        );
      });
      this.#follow(recorder, `acquire of ${context.isolationKey}`, boundMs, acquired);
    });
  }

  cleanup(server: Server, user: string): void {
    server.run(({ registry }, recorder) => {
      const boundMs = this.#option('probeTimeoutMs') + this.#option('closeTimeoutMs');
      this.#follow(recorder, `cleanup of ${user}`, boundMs, registry.cleanup(user));
    });
  }

  /** Posts to the last thread of the tab, if it has a manager. */
  post(server: Server, tab: ChatClient, home: Connect | undefined): void {
    server.run(({ registry }, recorder) => {
      const manager = registry.get(contextOf(registry, tab, home));
      if (manager === undefined) return;
      const number = ++this.#posts;
      const sockets = [...manager.connections.values()].map(({ socket }) => socket);
      const isHeard = sockets.some((socket) => socket.readyState === socket.OPEN);
      recorder.touchedUsers.add(tab.user);
      recorder.posts.send(manager.isolationKey, number, isHeard, () =>
        manager.send(envelope('post', { manager }, '', number)),
      );
    });
  }

  flood(
    server: Server,
    tab: ChatClient,
    home: Connect | undefined,
    messages: number,
    text: string,
  ): void {
    server.run(({ registry }, recorder) => {
      const manager = registry.get(contextOf(registry, tab, home));
      if (manager === undefined || manager.connections.size === 0) return;
      recorder.touchedUsers.add(tab.user);
      // A ping is queued behind all of this in the kernel, which does not report its progress.
      for (const line of recorder.live.get(manager)?.lines ?? []) {
        this.#clientExcuses.until(line.tab, this.#world.nowMs + floodTroubleMs);
        recorder.due.flooded(line, floodTroubleMs);
      }
      for (let count = 0; count < messages; count++) {
        manager.send(envelope('flood', { manager }, text));
      }
    });
  }

  release(server: Server, tab: string): void {
    server.run((_chat, recorder) => {
      for (const { connection } of recorder.managers.linesTo(tab)) {
        const boundMs = this.#option('closeTimeoutMs');
        recorder.released.add(connection);
        this.#follow(recorder, `release of ${tab}`, boundMs, connection.release());
      }
    });
  }

  trespass(server: Server, owner: TabWithHome, other: TabWithHome): void {
    new Trespass(this.#library, this.#observations).try(server, owner, other);
  }

  breakPing(server: Server, tab: string): void {
    server.run((_chat, recorder) => {
      for (const line of recorder.managers.linesTo(tab)) breakPing(line);
    });
  }

  announce(server: Server): void {
    server.run(({ registry }) => {
      for (const manager of registry.managers())
        manager.send(envelope('announcement', { manager }, ''));
    });
  }

  /** SIGTERM: the server drains and exits, and starts again `downMs` later. */
  terminate(server: Server, drainMs: number, downMs: number): void {
    server.run(({ registry, httpServer }, recorder) => {
      recorder.due.shutdowns.set(
        registry,
        this.#world.nowMs + drainMs,
        () => `shutdown within ${drainMs} ms`,
      );
      httpServer.close();
      registry.shutdown({ drainMs }).then(() => {
        recorder.due.shutdowns.met(registry);
        this.#acquireAfterShutdown(registry);
        const { connections, managers } = registry.stats();
        if (connections + managers > 0) {
          this.unmetExpectations.push(
            `shutdown left ${managers} managers and ${connections} connections`,
          );
        }
        this.#exit(server, downMs);
      });
    });
  }

  /** A registry that is shut down accepts no acquire. */
  #acquireAfterShutdown(registry: Registry): void {
    const context = registry.contextFor({ userId: 'late', websocketClientId: 'late' });
    const complain = (text: string) => this.#observations.complain('late', text);
    registry.acquire(context).then(
      () => complain('an acquire after the shutdown succeeded'),
      (error: unknown) => {
        if (error instanceof this.#library.RegistryClosedError) return;
        complain(`an acquire after the shutdown failed with ${String(error)}`);
      },
    );
  }

  #exit(server: Server, downMs: number): void {
    const world = this.#world;
    const plan = (atMs: number, fire: () => void) =>
      world.schedule({ kind: 'phase', atMs, side: 0, owner: undefined, id: 1, fire });
    plan(world.nowMs, () => {
      world.kill(server.host);
      server.died();
    });
    plan(world.nowMs + downMs, () => world.boot(server.host));
  }

  /** Sets the deadline of a call and records how it settles. A refusal is a correct result too. */
  #follow(recorder: Recorder, what: string, boundMs: number, call: Promise<unknown>): void {
    const settled = recorder.due.settlementOf(what, boundMs);
    call.then(settled, (error: unknown) => {
      settled();
      if (error instanceof this.#library.ManagerLimitError) recorder.limitRefusals += 1;
      if (error instanceof this.#library.LeaktightError) return;
      this.#observations.complain('acquire', `${what} failed: ${String(error)}`);
    });
  }

  #option(name: Parameters<typeof optionOf>[1]): number {
    return optionOf(this.#settings, name);
  }
}
