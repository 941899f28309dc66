/** Mistakes in the heartbeat: which peer counts as alive, and which as silent. */
import { responsiveClientStays, silentPeerIsFound } from '../invariants/connections.ts';
import { nothingIsLeft } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const ownSendsAreLife: Bug = {
  name: 'own-sends-are-life',
  description:
    'frames that the server sends, pings included, count as signs of life: no silent peer is ever found',
  guarantees: ['G9'],
  caughtBy: silentPeerIsFound.name,
  forerunners: [
    {
      invariant: nothingIsLeft.name,
      why: 'a peer that falls silent just before all clients leave has a later deadline, and is left at the end',
    },
  ],
  patches: [
    {
      file: 'liveness/heartbeat.ts',
      find: '  kFramesWhenPinged,\n',
      replace: '  kFrameSeen,\n  kFramesWhenPinged,\n',
    },
    {
      file: 'liveness/heartbeat.ts',
      find: '    batch.pinged.push(connection);',
      replace: `    batch.pinged.push(connection);
    connection[kFrameSeen]();`,
    },
  ],
};

export const stallIsSilence: Bug = {
  name: 'stall-is-silence',
  description:
    'the heartbeat decides when its timer fires: after a pause, before it reads the bytes that arrived',
  guarantees: ['G9'],
  caughtBy: responsiveClientStays.name,
  patches: [
    {
      file: 'liveness/heartbeat.ts',
      find: '    if (lateMs <= LATENESS_MS || this.#deferred) return false;',
      replace:
        '    if (Number.isFinite(lateMs) || LATENESS_MS === 0 || this.#deferred) return false;',
    },
    {
      file: 'liveness/heartbeat.ts',
      find: '      this.#cancelReading = afterPoll(() => {',
      replace: `      const atOnce = (judge: () => void): undefined => void (afterPoll.length > 0 && judge());
      this.#cancelReading = atOnce(() => {`,
    },
    {
      file: 'liveness/heartbeat.ts',
      find: '      if (batch.isLastLook) {',
      replace: '      if (batch.isLastLook || silent.length > 0) {',
    },
  ],
};
