/** Mistakes in the isolation of threads: which connections get a message. */
import {
  keyIsUserAndThread,
  noFrameReachesAnother,
  trespassIsRefused,
} from '../invariants/identity.ts';
import { auditFindsNothing } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const sentToTheUser: Bug = {
  name: 'sent-to-the-user',
  description: 'a message is sent to every tab of its user, also in other threads',
  guarantees: ['G10'],
  caughtBy: noFrameReachesAnother.name,
  patches: [
    {
      file: 'manager.ts',
      find: '      const sent = sendToEach(this[kHost].dispatcher, this, this.#connectionSet.named(), data);',
      replace: `      const { managers } = this[kUserSlots];
      const ofUser = managers.flatMap((manager) => [...manager.#connectionSet.named()]);
      const sent = sendToEach(this[kHost].dispatcher, this, ofUser, data);`,
    },
  ],
};

export const outboxOfTheUser: Bug = {
  name: 'outbox-of-the-user',
  description:
    "the outbox belongs to the user and not to the thread: the user's next connection gets it",
  guarantees: ['G10', 'G11'],
  caughtBy: noFrameReachesAnother.name,
  forerunners: [
    {
      invariant: auditFindsNothing.name,
      why: 'the audit finds messages that wait for a connected thread, before another thread receives them',
    },
  ],
  patches: [
    {
      file: 'manager.ts',
      find: '  #outbox: Outbox | undefined;\n',
      replace: `  get #outbox(): Outbox | undefined {
    return Object(this[kUserSlots]).outbox;
  }
  set #outbox(outbox: Outbox | undefined) {
    Object(this[kUserSlots]).outbox = outbox;
  }
`,
    },
  ],
};

export const userIsEnough: Bug = {
  name: 'user-is-enough',
  description:
    'ownership of a manager is checked by user alone, so every thread of the user may use it',
  guarantees: ['G10'],
  caughtBy: trespassIsRefused.name,
  patches: [
    {
      file: 'identity/owner-check.ts',
      find: '  if (context.userId === userId && context.threadId === threadId) return;',
      replace: '  void threadId;\n  if (context.userId === userId) return;',
    },
  ],
};

export const violationOnlyTold: Bug = {
  name: 'violation-only-told',
  description: 'access to another thread is reported, and allowed',
  guarantees: ['G10'],
  caughtBy: trespassIsRefused.name,
  patches: [
    {
      file: 'identity/owner-check.ts',
      find: '  throw new IsolationError(\n    `A ${operation} of ${context.isolationKey} does not belong to the manager of another key`,\n  );\n',
      replace: '  void IsolationError;\n',
    },
  ],
};

export const percentForgotten: Bug = {
  name: 'percent-forgotten',
  description: 'only the colon is escaped: threads room:1 and room%3A1 share a manager',
  guarantees: ['G2', 'G10'],
  caughtBy: keyIsUserAndThread.name,
  patches: [
    {
      file: 'identity/isolation-key.ts',
      find: "  return id.replaceAll('%', '%25').replaceAll(':', '%3A');",
      replace: "  return id.replaceAll(':', '%3A');",
    },
  ],
};
