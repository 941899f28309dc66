/** Bugs of the end of connections, managers and messages. Those of the end of a server are in `shutdown.ts`. */
import {
  connectedManagerStays,
  replacedIsTold,
  slowReaderIsBounded,
} from '../invariants/connections.ts';
import { outboxIsReplayed } from '../invariants/delivery.ts';
import { emergencyRemovesTheDead, emergencyTakesWhatItNeeds } from '../invariants/emergency.ts';
import {
  countersAreTrue,
  emptyManagerGoes,
  hooksAreWell,
  nothingIsLeft,
  sweepGoesOn,
} from '../invariants/release.ts';
import { wallClockIsNotAsked } from '../invariants/time.ts';
import type { Bug } from './bug.ts';

export const sendDeadlock: Bug = {
  name: 'send-deadlock',
  description: 'a failed send keeps the lock that the removal of its connection needs',
  guarantees: ['G16'],
  caughtBy: hooksAreWell.name,
  patches: [
    {
      file: 'connection.ts',
      find: `  #closingState: ClosingState | undefined;
`,
      replace: `  #closingState: ClosingState | undefined;
  #locked = false;
`,
    },
    {
      file: 'connection.ts',
      find: `    if (this.state !== 'open') return 'closed';
`,
      replace: `    if (this.state !== 'open') {
      this.#locked = true;
      return 'closed';
    }
`,
    },
    {
      file: 'connection.ts',
      find: `cause: ConnectionCause = 'peer'): void {
    if (this.#state === 'closed') return;`,
      replace: `cause: ConnectionCause = 'peer'): void {
    if (this.#state === 'closed' || this.#locked) return;`,
    },
  ],
};

export const replacedTimers: Bug = {
  name: 'replaced-timers',
  description:
    'a closed manager leaves its connections in the inspection wheel, and the timer running',
  guarantees: ['G13'],
  caughtBy: nothingIsLeft.name,
  patches: [
    {
      file: 'connection.ts',
      find: '    this.#host.inspectionWheel.leave(this);',
      replace:
        "    if (this.#closingState?.cause !== 'manager') this.#host.inspectionWheel.leave(this);",
    },
  ],
};

export const tabClosesThread: Bug = {
  name: 'tab-closes-thread',
  description: 'closing one tab closes the other tab of the same thread too',
  guarantees: ['G7'],
  caughtBy: connectedManagerStays.name,
  patches: [
    {
      file: 'manager.ts',
      find: `      if (this.#connectionSet.size > 0) return;
`,
      replace: `      for (const other of this.#connectionSet.all()) void other.release();
      if (this.#connectionSet.size > 0) return;
`,
    },
  ],
};

export const outboxLost: Bug = {
  name: 'outbox-lost',
  description: 'messages for an absent user are kept without bound and never replayed',
  guarantees: ['G11'],
  caughtBy: outboxIsReplayed.name,
  patches: [
    {
      file: 'manager.ts',
      find: `    this.#outbox?.replay(connection);
`,
      replace: '',
    },
    {
      file: 'delivery/message-store.ts',
      find: '(_, size) => size >= outboxMaxMessages || this.#bytes + bytes > outboxMaxBytes,',
      replace: '() => Number.isNaN(outboxMaxMessages + outboxMaxBytes + bytes),',
    },
  ],
};

export const duplicateConnection: Bug = {
  name: 'duplicate-connection',
  description: 'the same connection id replaces the old connection silently: no close, no event',
  guarantees: ['G7', 'G13'],
  caughtBy: replacedIsTold.name,
  patches: [
    {
      file: 'manager.ts',
      find: `    if (earlier !== undefined) this.#replace(earlier);
`,
      replace: `    if (earlier === undefined) void this.#replace;
`,
    },
  ],
};

export const closeDuringAuth: Bug = {
  name: 'close-during-auth',
  description:
    'the client disconnects during authentication; its manager is created afterwards and stays',
  guarantees: ['G7', 'G17'],
  caughtBy: emptyManagerGoes.name,
  forerunners: [
    {
      invariant: emergencyTakesWhatItNeeds.name,
      why: 'an emergency skips the empty manager that is reserved for no client, and removes a newer one',
    },
    {
      invariant: emergencyRemovesTheDead.name,
      why: 'an emergency skips a dead manager that is reserved for no client',
    },
    {
      invariant: wallClockIsNotAsked.name,
      why: 'if a wall clock was set meanwhile, the manager that stays is first attributed to that',
    },
  ],
  patches: [
    {
      file: 'upgrade/interruptible-steps.ts',
      find: '  readonly #onClose = (): void => this.abort(socketDied);',
      replace: '  readonly #onClose = (): void => {};',
    },
    {
      file: 'upgrade/upgrade.ts',
      find: '    manager?.[kIdleLifetime].unreserve();',
      replace: '    if (!this.socket.destroyed) manager?.[kIdleLifetime].unreserve();',
    },
  ],
};

export const slowReader: Bug = {
  name: 'slow-reader',
  description: 'a client that stops reading makes bufferedAmount grow without bound',
  guarantees: ['G11'],
  caughtBy: slowReaderIsBounded.name,
  patches: [
    {
      file: 'connection.ts',
      find: '      if (waiting + bytes > maxBufferedBytes) {',
      replace: '      if (Number.isNaN(waiting + bytes + maxBufferedBytes)) {',
    },
  ],
};

export const counterDrift: Bug = {
  name: 'counter-drift',
  description: 'the removal of an idle manager is counted twice; stats() and the event log differ',
  guarantees: ['G14'],
  caughtBy: countersAreTrue.name,
  patches: [
    {
      file: 'telemetry/event-counters.ts',
      find: `        this.add(entry.name, entry.event.reason);
`,
      replace: `        this.add(entry.name, entry.event.reason);
        if (entry.event.reason === 'idle') this.add(entry.name, 'idle');
`,
    },
  ],
};

export const sweepDies: Bug = {
  name: 'sweep-dies',
  description: 'one throw inside the background sweep stops it for ever',
  guarantees: ['G8'],
  caughtBy: sweepGoesOn.name,
  patches: [
    {
      file: 'liveness/sweep.ts',
      find: `      this.#timer = undefined;
      this.start();
      this.run();`,
      replace: `      if (this.#dispatcher.counters.of('sweepFinished') === 3) return;
      this.#timer = undefined;
      this.start();
      this.run();`,
    },
  ],
};
