/** Mistakes with who is taken for alive, and who for silent. */
import { responsiveClientStays, silentPeerIsFound } from '../invariants/connections.ts';
import { nothingIsLeft } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const ownSendsAreLife: Bug = {
  name: 'own-sends-are-life',
  description:
    'what the server sends, its pings among it, counts as a sign of life: no silence is ever found',
  guarantees: ['G9'],
  caughtBy: silentPeerIsFound.name,
  forerunners: [
    {
      invariant: nothingIsLeft.name,
      why: 'a peer that falls silent shortly before all leave is due after that, and is left over then',
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
    'the heartbeat judges when its timer fires: after a stall, before what has arrived meanwhile is read',
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
