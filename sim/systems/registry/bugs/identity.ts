/** Bugs of identity and isolation keys. */
import { keyIsUserAndThread, keysMatch } from '../invariants/identity.ts';
import type { Bug } from './bug.ts';

export const issue108: Bug = {
  name: 'issue-108',
  description:
    'release looks the manager up with newly generated ids of another operation: it is never found, ' +
    'and 20 managers later the user is locked out',
  guarantees: ['G1', 'G7'],
  caughtBy: keysMatch.name,
  patches: [
    {
      file: 'liveness/idle-lifetime.ts',
      find: "    this.#host.dispatcher.note('managerIdle', undefined, () => ({",
      replace: `    const { userId } = this.#manager.context;
    const websocketClientId = 'websocket_factory_' + performance.now();
    const session = UserExecutionContext.fromWebSocketRequest({ userId, websocketClientId });
    const { threadId, isolationKey } = session;
    const isFound = isolationKey === this.#manager.isolationKey;
    this.#host.dispatcher.note('managerIdle', undefined, () => ({`,
    },
    {
      file: 'liveness/idle-lifetime.ts',
      find: `      graceMs: Math.max(0, this.#endsAtMs(nowMs) - nowMs),
    }));
    this.#schedule(nowMs);`,
      replace: `      graceMs: Math.max(0, this.#endsAtMs(nowMs) - nowMs),
      threadId,
      isolationKey,
    }));
    if (isFound) this.#schedule(nowMs);`,
    },
    {
      file: 'liveness/idle-lifetime.ts',
      find: "import type { ScheduledRemoval, ScheduledRemovals } from './scheduled-removals.ts';",
      replace: `import type { ScheduledRemoval, ScheduledRemovals } from './scheduled-removals.ts';
import { UserExecutionContext } from '../identity/user-execution-context.ts';`,
    },
  ],
};

export const keyPerMessage: Bug = {
  name: 'key-per-message',
  description:
    'the isolation key contains an id that is new on every context: one manager a message',
  guarantees: ['G1', 'G3'],
  caughtBy: keyIsUserAndThread.name,
  patches: [
    {
      file: 'identity/user-execution-context.ts',
      find: 'this.#isolationKey ??= makeIsolationKey(this.userId, this.threadId);',
      replace: 'this.#isolationKey ??= makeIsolationKey(this.userId, this.threadId + freshId());',
    },
    {
      file: 'admission/admission.ts',
      find: '    const { threadId } = context;\n    const present',
      replace: '    const threadId = context.isolationKey;\n    const present',
    },
    {
      file: 'admission/user-slots.ts',
      find: '=> context.threadId;',
      replace: '=> context.isolationKey;',
    },
    {
      file: 'registry.ts',
      find: 'userSlots?.find(context.threadId)',
      replace: 'userSlots?.find(context.isolationKey)',
    },
  ],
};
