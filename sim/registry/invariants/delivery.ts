/** G11, G12, G16: what is sent arrives, and what is asked is answered. */
import type { Invariant } from '../../engine/invariant.ts';
import type { Chronicle } from '../chronicle.ts';
import type { View } from '../view.ts';
import { complaint } from './support.ts';

export const outboxIsReplayed: Invariant<View> = {
  name: 'the outbox is replayed once, in order',
  guarantee: 'G11',
  description:
    'What was sent while nobody was there is heard by the next connection, or reported as dropped.',
  when: 'always',
  check({ chronicle }) {
    if (chronicle === undefined) return undefined;
    const { posts, nowMs } = chronicle;
    return (
      posts.faults[0] ??
      posts.givenUpEarly?.detail ??
      notReplayed(chronicle) ??
      posts.replaysDue.missed(nowMs)
    );
  },
};

/** What waits is handed over in the step in which a connection opens. */
function notReplayed({ utterances }: Chronicle): string | undefined {
  for (const utterance of utterances) {
    if (utterance.kind !== 'opened') continue;
    const { connection, isolationKey } = utterance.event;
    const { queuedMessages } = connection.manager;
    if (queuedMessages > 0 && connection.state === 'open')
      return `${queuedMessages} messages for ${isolationKey} still wait, and somebody is there`;
  }
  return undefined;
}

export const acquireFailsForAReason: Invariant<View> = {
  name: 'a call fails only for a stated reason',
  guarantee: 'G16',
  description:
    'acquire, cleanup and release reject with an error of the registry, and with no other.',
  when: 'always',
  check: (view) => complaint(view, 'acquire'),
};

export const closedRegistryStaysClosed: Invariant<View> = {
  name: 'a registry that is shut down takes nobody in',
  guarantee: 'G12',
  description: 'An acquire after shutdown fails with RegistryClosedError.',
  when: 'always',
  check: (view) => complaint(view, 'late'),
};
