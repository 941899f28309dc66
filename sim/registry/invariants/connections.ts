/** G7, G9: how long a connection lives, and who ends it. */
import type { Invariant } from '../../engine/invariant.ts';
import type { Line } from '../ground-truth.ts';
import { isReachable } from '../ground-truth.ts';
import { optionOf } from '../scenario.ts';
import { wellForMs } from '../trouble.ts';
import type { View } from '../view.ts';

export const silentPeerIsFound: Invariant<View> = {
  name: 'a silent peer is found within the heartbeat',
  guarantee: 'G9',
  description:
    'A connection whose peer answers nothing is gone after heartbeat interval and timeout.',
  when: 'always',
  check: ({ chronicle }) => chronicle?.due.silences.missed(chronicle.nowMs),
};

export const healthyPeerStays: Invariant<View> = {
  name: 'no healthy peer is put out',
  guarantee: 'G9',
  description: 'The registry ends no connection of a peer that is well, unless an option says so.',
  when: 'always',
  check(view) {
    for (const utterance of view.chronicle?.utterances ?? []) {
      if (utterance.kind !== 'expelled') continue;
      const { event, line } = utterance;
      const { maxConnectionAgeMs, maxSilenceMs } = view.settings.registry;
      if (event.cause === 'age' && maxConnectionAgeMs === undefined) {
        return `${line?.tab} was put out for its age, and no age is set`;
      }
      if (event.cause === 'silence' && maxSilenceMs === undefined) {
        return `${line?.tab} was put out for its silence, and no silence is set`;
      }
      if (event.cause === 'heartbeat' && isWell(view, line)) {
        return `${line?.tab} was put out by the heartbeat, and is well`;
      }
    }
    return undefined;
  },
};

export const connectedManagerStays: Invariant<View> = {
  name: 'closing one tab leaves the others of its thread',
  guarantee: 'G7',
  description:
    'A connection is released by its own handle; a manager whose peer is well goes only to make room.',
  when: 'always',
  check(view) {
    for (const utterance of view.chronicle?.utterances ?? []) {
      if (utterance.kind === 'closed' && utterance.event.cause === 'released') {
        const { connection, connectionId } = utterance.event;
        if (view.chronicle?.released.has(connection) === true) continue;
        return `connection ${connectionId} of ${connection.manager.isolationKey} was released by nobody`;
      }
      if (utterance.kind !== 'closing' || utterance.reason === 'shutdown') continue;
      if (utterance.reason === 'replaced' || isCleanup(utterance.reason)) continue;
      const tab = [...utterance.record.lines].find((line) => isWell(view, line))?.tab;
      if (tab !== undefined)
        return `${utterance.record.isolationKey} goes (${utterance.reason}), ${tab} is well`;
    }
    return undefined;
  },
};

export const replacedIsTold: Invariant<View> = {
  name: 'a connection that loses its id is told and closed',
  guarantee: 'G7',
  description: 'A second connection with an id in use closes the first, with a code and an event.',
  when: 'always',
  check({ chronicle }) {
    for (const utterance of chronicle?.utterances ?? []) {
      if (utterance.kind !== 'opened') continue;
      const { connection, connectionId } = utterance.event;
      for (const line of chronicle?.live.get(connection.manager)?.lines ?? []) {
        const { socket } = line.connection;
        // Lines are in the order in which they opened; later ones took the id from this one.
        if (line.connection === connection) break;
        if (line.connection.id !== connectionId) continue;
        if (socket.readyState === socket.OPEN)
          return `${line.tab} lost ${connectionId} and was not told`;
      }
    }
    return chronicle?.due.replaced.missed(chronicle.nowMs);
  },
};

/** There, reading and reachable for so long that nothing could have gone unanswered. */
function isWell(view: View, line: Line | undefined): boolean {
  return line !== undefined && isReachable(line) && view.answersSince(line.tab, wellForMs);
}

export function isCleanup(reason: string): boolean {
  return reason === 'proactive' || reason === 'emergency' || reason === 'requested';
}

export const slowReaderIsBounded: Invariant<View> = {
  name: 'what waits for a slow reader stays bounded',
  guarantee: 'G11',
  description: 'No connection holds more than maxBufferedBytes and one message.',
  when: 'always',
  check({ chronicle }) {
    if (chronicle === undefined || chronicle.touchedUsers.size === 0) return undefined;
    const mostBytes = optionOf(chronicle.settings, 'maxBufferedBytes') + 8_192;
    for (const userId of chronicle.touchedUsers) {
      for (const { lines } of chronicle.recordsOf(userId)) {
        for (const { connection, tab } of lines) {
          const { bufferedAmount } = connection.socket;
          if (bufferedAmount > mostBytes)
            return `${bufferedAmount} bytes wait for ${tab}, bound ${mostBytes}`;
        }
      }
    }
    return undefined;
  },
};
