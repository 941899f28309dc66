/** Mistakes in the registry's bookkeeping: counts, forgotten timers, calls that must settle. */
import { acquireFailsForAReason } from '../invariants/delivery.ts';
import { countIsTrue } from '../invariants/limits.ts';
import {
  auditFindsNothing,
  callsSettle,
  countersAreTrue,
  sweepGoesOn,
} from '../invariants/release.ts';
import { wallClockIsNotAsked } from '../invariants/time.ts';
import { expectationsComeTrue } from '../invariants/upgrade.ts';
import type { Bug } from './bug.ts';

export const closingNotCounted: Bug = {
  name: 'closing-not-counted',
  description: 'count(user) leaves out managers that are closing, which still hold their slots',
  guarantees: ['G4'],
  caughtBy: countIsTrue.name,
  patches: [
    {
      file: 'admission/slot-table.ts',
      find: '    return this.#allUserSlots.get(userId)?.size ?? 0;',
      replace: `    const managers = this.#allUserSlots.get(userId)?.managers ?? [];
    return managers.filter(({ state }) => state === 'open').length;`,
    },
  ],
};

export const statsLeaveOutClosing: Bug = {
  name: 'stats-leave-out-closing',
  description: 'stats() leaves out managers that are closing: its gauge and the events differ',
  guarantees: ['G14'],
  caughtBy: countersAreTrue.name,
  patches: [
    {
      file: 'telemetry/stats.ts',
      find: '    managers: slotTable.size,',
      replace: '    managers: slotTable.size - managersClosing,',
    },
  ],
};

export const noErrorListener: Bug = {
  name: 'no-error-listener',
  description:
    'a manager does not listen for errors of its sockets: the first protocol error ends the process',
  guarantees: ['G13'],
  caughtBy: auditFindsNothing.name,
  patches: [
    {
      file: 'socket/connection-listeners.ts',
      find: "  socket.on('error', onError);\n",
      replace: '',
    },
  ],
};

export const calmCloseUnbounded: Bug = {
  name: 'calm-close-unbounded',
  description:
    'a cleanup waits for the closing handshake of a peer that it has found dead, without a bound of its own',
  guarantees: ['G16'],
  caughtBy: callsSettle.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: '    return { handshakeMs: Math.min(closeTimeoutMs, probeTimeoutMs), detachMs: DETACH_MS };',
      replace: `    void [closeTimeoutMs, probeTimeoutMs];
    return { handshakeMs: Number.POSITIVE_INFINITY, detachMs: DETACH_MS };`,
    },
  ],
};

export const releaseOnce: Bug = {
  name: 'release-once',
  description: 'a second release of a connection throws, since it is not open any more',
  guarantees: ['G7', 'G16'],
  caughtBy: acquireFailsForAReason.name,
  patches: [
    {
      file: 'connection.ts',
      find: "    if (this.#state === 'closed') return;\n    this.#closingState ??= new ClosingState('released');",
      replace: `    if (this.#state !== 'open') throw new Error('The connection is not open');
    this.#closingState ??= new ClosingState('released');`,
    },
  ],
};

export const sweepGivesUp: Bug = {
  name: 'sweep-gives-up',
  description: 'to save work, no background sweep follows one that has found nothing',
  guarantees: ['G8'],
  caughtBy: sweepGoesOn.name,
  patches: [
    {
      file: 'liveness/sweep.ts',
      find: `      this.start();
      this.run();`,
      replace: `      const { managers, messages, accounts } = this.run();
      if (managers + messages + accounts > 0) this.start();`,
    },
  ],
};

export const outboxByWallClock: Bug = {
  name: 'outbox-by-wall-clock',
  description:
    'the age of a waiting message is measured with Date.now(): a clock set ahead drops all of them',
  guarantees: ['G11', 'G15'],
  caughtBy: wallClockIsNotAsked.name,
  patches: [
    {
      file: 'delivery/message-store.ts',
      find: 'bytes, storedAtMs: performance.now() }',
      replace: 'bytes, storedAtMs: Date.now() }',
    },
    {
      file: 'delivery/message-store.ts',
      find: 'const bornAfterMs = performance.now() -',
      replace: 'const bornAfterMs = Date.now() -',
    },
  ],
};

export const answerNotAwaited: Bug = {
  name: 'answer-not-awaited',
  description: 'a missing await: the promise of authorizeThread counts as true',
  guarantees: ['G17'],
  caughtBy: expectationsComeTrue.name,
  scenario: 'hostile-client',
  patches: [
    {
      file: 'upgrade/upgrade-checks.ts',
      find: `      const allowed = yield* this.ask('authorizeThread', () => authorizeThread(userId, threadId));
      if (allowed !== true) throw`,
      replace: `      const allowed = authorizeThread(userId, threadId);
      if (!allowed) throw`,
    },
  ],
};
