/** G1, G2, G3, G10: identity, and which manager belongs to which user and thread. */
import type { Invariant } from '../../../run/invariant.ts';
import { derivedThreadId, isolationKeyOf } from '../model/identity.ts';
import type { View } from '../view.ts';
import { ofCreated, violation } from './support.ts';

export const identityIsDerived: Invariant<View> = {
  name: 'identity is derived and never cached',
  guarantee: 'G1',
  description:
    'Without a claimed thread, the thread id is the hash of user and client, for every caller.',
  when: 'always',
  check: (view) =>
    violation(view, 'identity') ??
    ofCreated(view, ({ manager, userId, threadId }) => {
      const { websocketClientId } = manager.context;
      if (view.observations.claimedThreads.has(threadId)) return undefined;
      const expected = derivedThreadId(userId, websocketClientId);
      return threadId === expected
        ? undefined
        : `${userId} got thread ${threadId}, not ${expected}`;
    }),
};

export const keyIsUserAndThread: Invariant<View> = {
  name: 'an isolation key is its user and thread',
  guarantee: 'G2',
  description:
    'The key is user_id:thread_id, escaped, and nothing else: no id that differs between contexts.',
  when: 'always',
  check: (view) =>
    ofCreated(view, ({ userId, threadId, isolationKey, manager }) => {
      const expected = isolationKeyOf(userId, threadId);
      if (isolationKey === expected && manager.isolationKey === expected) return undefined;
      return `key ${isolationKey} (manager: ${manager.isolationKey}), not ${expected}`;
    }),
};

export const keysMatch: Invariant<View> = {
  name: 'isolation keys match from creation to cleanup',
  guarantee: 'G1',
  description: 'Every event of a manager carries the isolation key that it was created with.',
  when: 'always',
  check({ recorder }) {
    for (const recorded of recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'spoke-of') continue;
      const { event, name } = recorded;
      const manager = event.manager ?? event.connection?.manager;
      if (manager === undefined) continue;
      const record = recorder?.recordOf(manager);
      if (record === undefined || record.isolationKey === event.isolationKey) continue;
      return `${name} names ${event.isolationKey}, the manager was created as ${record.isolationKey}`;
    }
    return undefined;
  },
};

export const oneManagerAThread: Invariant<View> = {
  name: 'a user and thread have at most one manager',
  guarantee: 'G3',
  description: 'No two managers of one user and thread hold a slot at the same time.',
  when: 'always',
  check({ recorder }) {
    for (const userId of recorder?.touchedUsers ?? []) {
      const seen = new Set<string>();
      for (const { threadId } of recorder?.recordsOf(userId) ?? []) {
        if (seen.has(threadId)) return `${userId} has two managers of thread ${threadId}`;
        seen.add(threadId);
      }
    }
    return undefined;
  },
};

export const liveManagerIsFound: Invariant<View> = {
  name: 'a manager that holds a slot is found under its key',
  guarantee: 'G3',
  description: 'The end of a manager never removes the entry of a newer manager with the same key.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined) return undefined;
    const { registry } = recorder;
    for (const userId of recorder.touchedUsers) {
      const listed = new Set(registry.managers(userId));
      for (const { manager, isolationKey } of recorder.recordsOf(userId)) {
        const given = registry.get(manager.context);
        const found = manager.state === 'open' ? given === manager : listed.has(manager);
        if (!found)
          return `${isolationKey} is ${manager.state}, and the registry returns another manager or none`;
      }
    }
    return undefined;
  },
};

export const trespassIsRefused: Invariant<View> = {
  name: 'access to another thread is refused',
  guarantee: 'G10',
  description:
    'send, connect and release with the context of another throw IsolationError, change nothing and are counted.',
  when: 'always',
  check: (view) => violation(view, 'trespass'),
};

export const noFrameReachesAnother: Invariant<View> = {
  name: 'no frame reaches another thread',
  guarantee: 'G10',
  description: 'A tab receives only messages of its own thread and its own user.',
  when: 'always',
  check: (view) => violation(view, 'isolation'),
};
