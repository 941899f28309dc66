/** G11, G12, G16: messages arrive, and calls settle as documented. */
import type { Invariant } from '../../../run/invariant.ts';
import type { Recorder } from '../model/recorder.ts';
import type { View } from '../view.ts';
import { violation } from './support.ts';

export const outboxIsReplayed: Invariant<View> = {
  name: 'the outbox is replayed once, in order',
  guarantee: 'G11',
  description:
    'A message sent while no client was connected reaches the next connection, or is reported as dropped.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined) return undefined;
    const { posts, nowMs } = recorder;
    return (
      posts.faults[0] ??
      posts.givenUpEarly?.detail ??
      notReplayed(recorder) ??
      posts.replaysDue.missed(nowMs)
    );
  },
};

/** Waiting messages are sent in the step in which a connection opens. */
function notReplayed({ recordedEvents }: Recorder): string | undefined {
  for (const recorded of recordedEvents) {
    if (recorded.kind !== 'opened') continue;
    const { connection, isolationKey } = recorded.event;
    const { queuedMessages } = connection.manager;
    if (queuedMessages > 0 && connection.state === 'open')
      return `${queuedMessages} messages for ${isolationKey} still wait, and a client is connected`;
  }
  return undefined;
}

export const acquireFailsForAReason: Invariant<View> = {
  name: 'a call fails only for a stated reason',
  guarantee: 'G16',
  description:
    'acquire, cleanup and release reject with an error of the registry, and with no other.',
  when: 'always',
  check: (view) => violation(view, 'acquire'),
};

export const closedRegistryStaysClosed: Invariant<View> = {
  name: 'a registry that is shut down accepts no acquire',
  guarantee: 'G12',
  description: 'An acquire after shutdown fails with RegistryClosedError.',
  when: 'always',
  check: (view) => violation(view, 'late'),
};
