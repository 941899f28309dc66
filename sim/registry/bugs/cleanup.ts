/** Mistakes with what makes room. */
import { emergencyEnds } from '../invariants/limits.ts';
import type { Bug } from './bug.ts';

export const emergencyUnbounded: Bug = {
  name: 'emergency-unbounded',
  description:
    'one manager whose close never settles keeps the emergency cleanup, and the acquire, pending for ever',
  guarantees: ['G6', 'G16'],
  caughtBy: emergencyEnds.name,
  patches: [
    {
      file: 'cleanup.ts',
      find: 'return { handshakeMs: Math.min(wishedMs, leftMs), detachMs };',
      replace: 'return { handshakeMs: Number.POSITIVE_INFINITY, detachMs };',
    },
  ],
};
