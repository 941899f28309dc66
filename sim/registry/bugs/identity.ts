/** Mistakes with who is who. */
import { keyIsUserAndThread, keysMatch } from '../invariants/identity.ts';
import type { Bug } from './bug.ts';

export const issue108: Bug = {
  name: 'issue-108',
  description:
    'release looks the manager up with ids generated afresh under another operation: never found, ' +
    '20 managers later the user is locked out',
  guarantees: ['G1', 'G7'],
  caughtBy: keysMatch.name,
  patches: [
    {
      file: 'stay.ts',
      find: "    this.#host.journal.note('managerIdle', undefined, () => ({",
      replace: `    const { userId } = this.#manager.context;
    const websocketClientId = 'websocket_factory_' + performance.now();
    const session = UserExecutionContext.fromWebSocketRequest({ userId, websocketClientId });
    const { threadId, isolationKey } = session;
    const isFound = isolationKey === this.#manager.isolationKey;
    this.#host.journal.note('managerIdle', undefined, () => ({`,
    },
    {
      file: 'stay.ts',
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
      file: 'stay.ts',
      find: "import type { Removal } from './removals.ts';",
      replace: `import type { Removal } from './removals.ts';
import { UserExecutionContext } from './user-execution-context.ts';`,
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
      file: 'user-execution-context.ts',
      find: 'this.#isolationKey ??= makeIsolationKey(this.userId, this.threadId);',
      replace: 'this.#isolationKey ??= makeIsolationKey(this.userId, this.threadId + freshId());',
    },
    {
      file: 'admission.ts',
      find: '    const { threadId } = context;\n    const present',
      replace: '    const threadId = context.isolationKey;\n    const present',
    },
    {
      file: 'account.ts',
      find: '=> context.threadId;',
      replace: '=> context.isolationKey;',
    },
    {
      file: 'registry.ts',
      find: 'account?.find(context.threadId)',
      replace: 'account?.find(context.isolationKey)',
    },
  ],
};
