/** Bugs of the shutdown of a server and of its drain. */
import { closedRegistryStaysClosed } from '../invariants/delivery.ts';
import { drainIsGiven, shutdownSettles } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const acquireAfterShutdown: Bug = {
  name: 'acquire-after-shutdown',
  description: 'after a shutdown acquires succeed',
  guarantees: ['G12'],
  caughtBy: closedRegistryStaysClosed.name,
  patches: [
    {
      file: 'admission/admission.ts',
      find: `      if (this.#closed) throw new RegistryClosedError();
`,
      replace: '',
    },
  ],
};

export const shutdownHangs: Bug = {
  name: 'shutdown-hangs',
  description: 'shutdown waits for a close handshake that never comes',
  guarantees: ['G12'],
  caughtBy: shutdownSettles.name,
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: '      handshakeMs: leftMs - detachMs,',
      replace: '      handshakeMs: Number.POSITIVE_INFINITY,',
    },
  ],
};

export const drainCutShort: Bug = {
  name: 'drain-cut-short',
  description:
    'a round gives a connection that is on its way out in a drain closeTimeoutMs and no more',
  guarantees: ['G12'],
  caughtBy: drainIsGiven.name,
  patches: [
    {
      file: 'connection.ts',
      find: "    if (this.#state !== 'open' || isTornDown(this.socket)) return;",
      replace: '    if (isTornDown(this.socket)) return;',
    },
  ],
};

export const emergencyInTheDrain: Bug = {
  name: 'emergency-in-the-drain',
  description:
    'an emergency cleanup hurries connections that leave in a drain, though no acquire waits for room',
  guarantees: ['G12'],
  caughtBy: drainIsGiven.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: "    if (manager.state !== 'closing' || this.#tools.isClosing()) return;",
      replace: "    if (manager.state !== 'closing') return;",
    },
  ],
};
