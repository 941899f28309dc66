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
      file: 'manager.ts',
      find: `    if (!this.#isVacant() || this.#idleTimer !== undefined) return;
    this.#host.journal.record('managerIdle', {
      ...this.#subject(),
      manager: this,`,
      replace: `    if (!this.#isVacant() || this.#idleTimer !== undefined) return;
    const websocketClientId = \`websocket_factory_\${randomUUID()}\`;
    const { userId } = this.context;
    const session = UserExecutionContext.fromWebSocketRequest({ userId, websocketClientId });
    if (session.isolationKey !== this.isolationKey) {
      const { threadId, isolationKey } = session;
      const subject = { ...this.#subject(), threadId, isolationKey, manager: this, graceMs: 0 };
      this.#host.journal.record('managerIdle', subject);
      return;
    }
    this.#host.journal.record('managerIdle', {
      ...this.#subject(),
      manager: this,`,
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
      find: 'isolationKey: makeIsolationKey(userId, threadId),',
      replace: 'isolationKey: makeIsolationKey(userId, threadId + randomUUID()),',
    },
  ],
};
