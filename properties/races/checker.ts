/** Checks what the registry emits and answers in a race: one manager for each key, the limit, no acquire after the end. */
import type { WebSocketManager, WebSocketManagerRegistry } from '../../src/index.ts';
import type { RegistryEvent } from '../fixture/registry-events.ts';
import type { RegistryFixture } from '../fixture/registry-fixture.ts';

export const maxManagersPerUser = 2;

/**
 * Virtual milliseconds within which every acquire settles, as its documentation has it: an emergency cleanup, the end of
 * a manager that is closing, and a moment.
 */
export const acquireBoundMs = 10_000 + 5_000 + 1_000;

export class RaceChecker {
  isShut = false;
  /** As the events have it. */
  readonly #live = new Set<WebSocketManager>();
  /** What was asked and not answered yet, with when it must be. */
  readonly #pending = new Map<string, number>();
  #calls = 0;

  readonly judge = (told: RegistryEvent): string | undefined => {
    switch (told.name) {
      case 'managerCreated':
        return this.#created(told.event.manager);
      case 'managerRemoved':
        if (this.#live.delete(told.event.manager)) return undefined;
        return `a manager of ${told.event.isolationKey} was removed twice`;
      case 'hookError':
        return isPlanned(told.event.error) ? undefined : `hook error ${String(told.event.error)}`;
      default:
        return undefined;
    }
  };

  #created(manager: WebSocketManager): string | undefined {
    const { isolationKey, context } = manager;
    if (this.isShut) return `a manager of ${context.userId} was made after shutdown`;
    const live = [...this.#live];
    if (live.some((one) => one.isolationKey === isolationKey)) {
      return `two managers of ${isolationKey}`;
    }
    this.#live.add(manager);
    const count = live.filter((one) => one.context.userId === context.userId).length + 1;
    return count > maxManagersPerUser ? `${context.userId} has ${count} managers` : undefined;
  }

  acquire(fixture: RegistryFixture, user: string, thread: string): void {
    fixture.inServer((registry) => {
      const context = registry.contextFor({ userId: user, websocketClientId: thread });
      const wasShut = this.isShut;
      const settled = this.#call(fixture, `acquire of ${context.isolationKey}`, acquireBoundMs);
      registry.acquire(context).then(
        (manager) => {
          settled();
          if (this.isShut) fixture.fail(`an acquire succeeded after shutdown`);
          else this.#givenTo(fixture, registry, manager);
        },
        (error) => {
          settled();
          const isExpected = this.isShut
            ? error.code === 'ERR_LEAKTIGHT_REGISTRY_CLOSED'
            : error.code === 'ERR_LEAKTIGHT_MANAGER_LIMIT' && !wasShut;
          if (!isExpected) fixture.fail(`an acquire was refused with ${String(error)}`);
        },
      );
    });
  }

  release(fixture: RegistryFixture, user: string, thread: string): void {
    fixture.inServer((registry) => {
      const context = registry.contextFor({ userId: user, websocketClientId: thread });
      const manager = registry.get(context);
      if (manager === undefined) return;
      const settled = this.#call(fixture, 'release', 0);
      void registry.release(manager).then(settled);
    });
  }

  /** Bounded by a probe, a closing handshake and a moment. */
  cleanUp(fixture: RegistryFixture, user: string): void {
    fixture.inServer((registry) => {
      const settled = this.#call(fixture, `cleanup of ${user}`, 2_000 + 5_000 + 1_000);
      void registry.cleanup(user).then(settled);
    });
  }

  shutDown(fixture: RegistryFixture, drainMs: number): void {
    fixture.inServer((registry) => {
      this.isShut = true;
      const settled = this.#call(fixture, 'shutdown', drainMs);
      void registry.shutdown({ drainMs }).then(() => {
        settled();
        if (registry.size > 0) fixture.fail(`shutdown left ${registry.size} managers`);
      });
    });
  }

  /** To be asked after every step: which call takes longer than it may. */
  faultOfWaiting(nowMs: number): string | undefined {
    for (const [call, untilMs] of this.#pending) {
      if (nowMs > untilMs) return `${call} took longer than it may`;
    }
    return undefined;
  }

  #givenTo(
    fixture: RegistryFixture,
    registry: WebSocketManagerRegistry,
    manager: WebSocketManager,
  ): void {
    const { state, isolationKey } = manager;
    if (state !== 'open') fixture.fail(`an acquire gave a manager that is ${state}`);
    if (registry.get(manager.context) === manager) return;
    fixture.fail(`an acquire gave another manager than that of ${isolationKey}`);
  }

  /** @returns what is to be called when it settles */
  #call(fixture: RegistryFixture, what: string, boundMs: number): () => void {
    this.#calls += 1;
    const call = `${what} (${this.#calls})`;
    const untilMs = fixture.nowMs + boundMs;
    this.#pending.set(call, untilMs);
    return () => {
      this.#pending.delete(call);
      if (fixture.nowMs > untilMs) fixture.fail(`${call} took longer than ${boundMs} ms`);
    };
  }
}

/** What the hooks of the visitors throw. */
export const planned = new Error('a hook fails on purpose');

function isPlanned(error: unknown): boolean {
  return error === planned;
}
