/** G7, G9: how long a connection lives, and who ends it. */
import type { Invariant } from '../../../run/invariant.ts';
import { wellForMs } from '../model/client-excuses.ts';
import type { Line } from '../model/ground-truth.ts';
import { isReachable } from '../model/ground-truth.ts';
import { optionOf } from '../scenario.ts';
import type { View } from '../view.ts';

export const silentPeerIsFound: Invariant<View> = {
  name: 'a silent peer is found within the heartbeat',
  guarantee: 'G9',
  description:
    'A connection whose peer does not answer is closed within heartbeat interval and timeout.',
  when: 'always',
  check: ({ recorder }) => recorder?.due.silences.missed(recorder.nowMs),
};

export const responsiveClientStays: Invariant<View> = {
  name: 'a responsive client is never disconnected',
  guarantee: 'G9',
  description:
    'The registry closes no connection of a responsive peer, unless an option demands it.',
  when: 'always',
  check(view) {
    for (const recorded of view.recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'expelled') continue;
      const { event, line } = recorded;
      const { maxConnectionAgeMs, maxSilenceMs } = view.settings.registry;
      if (event.cause === 'age' && maxConnectionAgeMs === undefined) {
        return `${line?.tab} was disconnected for its age, and no maximum age is set`;
      }
      if (event.cause === 'silence' && maxSilenceMs === undefined) {
        return `${line?.tab} was disconnected for its silence, and no maximum silence is set`;
      }
      if (event.cause === 'heartbeat' && isWell(view, line)) {
        return `${line?.tab} was disconnected by the heartbeat, and is responsive`;
      }
    }
    return undefined;
  },
};

export const connectedManagerStays: Invariant<View> = {
  name: 'closing one connection leaves the others of its thread',
  guarantee: 'G7',
  description:
    'A connection is released by its own handle; a manager with a responsive peer is removed only to make room.',
  when: 'always',
  check(view) {
    for (const recorded of view.recorder?.recordedEvents ?? []) {
      if (recorded.kind === 'closed' && recorded.event.cause === 'released') {
        const { connection, connectionId } = recorded.event;
        if (view.recorder?.released.has(connection) === true) continue;
        return `connection ${connectionId} of ${connection.manager.isolationKey} was released by no call`;
      }
      if (recorded.kind !== 'closing' || recorded.reason === 'shutdown') continue;
      if (recorded.reason === 'replaced' || isCleanup(recorded.reason)) continue;
      const tab = [...recorded.record.lines].find((line) => isWell(view, line))?.tab;
      if (tab !== undefined)
        return `${recorded.record.isolationKey} is removed (${recorded.reason}), ${tab} is responsive`;
    }
    return undefined;
  },
};

export const replacedIsTold: Invariant<View> = {
  name: 'a connection that loses its id is closed and reported',
  guarantee: 'G7',
  description: 'A second connection with an id in use closes the first, with a code and an event.',
  when: 'always',
  check({ recorder }) {
    for (const recorded of recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'opened') continue;
      const { connection, connectionId } = recorded.event;
      for (const line of recorder?.live.get(connection.manager)?.lines ?? []) {
        const { socket } = line.connection;
        // Lines are in the order in which they opened: a later line took the id from this one.
        if (line.connection === connection) break;
        if (line.connection.id !== connectionId) continue;
        if (socket.readyState === socket.OPEN)
          return `${line.tab} lost ${connectionId} without a close code and an event`;
      }
    }
    return recorder?.due.replaced.missed(recorder.nowMs);
  },
};

/** Connected, reading and reachable for so long that no ping can have been missed. */
function isWell(view: View, line: Line | undefined): boolean {
  return line !== undefined && isReachable(line) && view.answersSince(line.tab, wellForMs);
}

export function isCleanup(reason: string): boolean {
  return reason === 'proactive' || reason === 'emergency' || reason === 'requested';
}

export const slowReaderIsBounded: Invariant<View> = {
  name: 'the buffer for a slow reader stays bounded',
  guarantee: 'G11',
  description: 'No connection holds more than maxBufferedBytes and one message.',
  when: 'always',
  check({ recorder }) {
    if (recorder === undefined || recorder.touchedUsers.size === 0) return undefined;
    const mostBytes = optionOf(recorder.settings, 'maxBufferedBytes') + 8_192;
    for (const userId of recorder.touchedUsers) {
      for (const { lines } of recorder.recordsOf(userId)) {
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
