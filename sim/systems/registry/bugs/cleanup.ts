/** Mistakes in the cleanups, which make room for new managers. */
import { emergencyEnds, emergencyRemovesTheDead } from '../invariants/emergency.ts';
import { cleanupSparesAnsweringPeers } from '../invariants/limits.ts';
import type { Bug } from './bug.ts';

export const emergencyUnbounded: Bug = {
  name: 'emergency-unbounded',
  description:
    'one manager whose close never settles keeps the emergency cleanup, and the acquire, pending for ever',
  guarantees: ['G6', 'G16'],
  caughtBy: emergencyEnds.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: 'return { handshakeMs: Math.min(wishedMs, leftMs), detachMs };',
      replace: 'return { handshakeMs: Number.POSITIVE_INFINITY, detachMs };',
    },
  ],
};

export const closingNotAwaited: Bug = {
  name: 'closing-not-awaited',
  description:
    'an emergency cleanup does not wait for managers that are closing already, such as those that another ' +
    'cleanup has found dead, and refuses although there is room a moment later (found by this simulator)',
  guarantees: ['G6'],
  caughtBy: emergencyRemovesTheDead.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: "manager.state !== 'closing' || this.#tools.isClosing()",
      replace: "manager.state !== 'closing' || this.#kind === 'emergency'",
    },
  ],
};

export const backlogIsDeath: Bug = {
  name: 'backlog-is-death',
  description:
    'a probe counts a peer as dead whose answer is late because the ping is queued behind a backlog that it is ' +
    'reading (found by this simulator)',
  guarantees: ['G5', 'G6'],
  caughtBy: cleanupSparesAnsweringPeers.name,
  patches: [
    {
      file: 'liveness/probe.ts',
      find: "    if (hasTakenBacklog(connection.socket, asked.progress)) return 'alive';\n",
      replace: '',
    },
  ],
};
