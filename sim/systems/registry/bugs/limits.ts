/** Mistakes in the limits: how many managers there may be. */
import {
  identityIsDerived,
  keyIsUserAndThread,
  oneManagerAThread,
} from '../invariants/identity.ts';
import { limitIsKept, managersInUseAreHeld } from '../invariants/limits.ts';
import { hooksAreWell } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const randomKey: Bug = {
  name: 'random-key',
  description: 'the thread id, and with it the key, has a random part',
  guarantees: ['G1', 'G3'],
  caughtBy: identityIsDerived.name,
  patches: [
    {
      file: 'identity/ids.ts',
      find: '    return `thread_websocket_session_${hex.slice(0, 32)}_${hex.slice(32)}`;',
      replace: `    return \`thread_websocket_session_\${hex.slice(0, 32)}_\${freshId().replaceAll('-', '')}\`;`,
    },
  ],
};

export const unescapedKey: Bug = {
  name: 'unescaped-key',
  description: 'users a:b with thread c and a with thread b:c share a manager',
  guarantees: ['G2', 'G10'],
  caughtBy: keyIsUserAndThread.name,
  patches: [
    {
      file: 'identity/isolation-key.ts',
      find: '  return `${escapePart(userId)}:${escapePart(threadId)}` as IsolationKey;',
      replace: `  void escapePart;
  return \`\${userId}:\${threadId}\` as IsolationKey;`,
    },
  ],
};

export const doubleCreate: Bug = {
  name: 'double-create',
  description: 'two acquires of one new key interleave between check and insert: two managers',
  guarantees: ['G3', 'G4'],
  caughtBy: oneManagerAThread.name,
  patches: [
    {
      file: 'admission/admission.ts',
      find: '    else if (this.#hasRoom(userSlots)) this.#create(userSlots, pending);',
      replace: `    else if (this.#hasRoom(userSlots)) {
      setTimeout(() => {
        const later = this.#slotTable.userSlots(userSlots.userId);
        if (this.#hasRoom(later)) this.#create(later, pending);
        else this.#makeRoomFor(later, pending);
      }, 50);
    }`,
    },
  ],
};

export const limitCheckThenAct: Bug = {
  name: 'limit-check-then-act',
  description: 'the limit is checked before a wait, and the manager is created after it',
  guarantees: ['G4'],
  caughtBy: limitIsKept.name,
  patches: [
    {
      file: 'admission/admission.ts',
      find: '    else if (this.#hasRoom(userSlots)) this.#create(userSlots, pending);',
      replace: `    else if (this.#hasRoom(userSlots)) {
      setTimeout(() => {
        const later = this.#slotTable.userSlots(userSlots.userId);
        const isTaken = later.find(pending.context.threadId) !== undefined;
        if (!isTaken) this.#create(later, pending);
        else for (const waiter of pending.waiters) this.#placeWaiter(later, pending.context, waiter);
      }, 50);
    }`,
    },
  ],
};

export const fallbackOutside: Bug = {
  name: 'fallback-outside',
  description: 'on failure a manager is created that the registry does not hold',
  guarantees: ['G4'],
  caughtBy: managersInUseAreHeld.name,
  patches: [
    {
      file: 'admission/pending-acquires.ts',
      find: "import type { WebSocketManager } from '../manager.ts';",
      replace: "import { WebSocketManager } from '../manager.ts';",
    },
    {
      file: 'admission/pending-acquires.ts',
      find: '    waiter.reject(new ManagerLimitError(scope, details));',
      replace: `    void ManagerLimitError;
    const nowMs = performance.now();
    const fallback = new WebSocketManager(host, userSlots, pending.context, nowMs);
    if (waiter.reserve) fallback[kIdleLifetime].reserve(nowMs);
    waiter.resolve(fallback);`,
    },
  ],
};

export const telemetryInTheWay: Bug = {
  name: 'telemetry-in-the-way',
  description: 'creation reads a metric that throws; every acquire fails',
  guarantees: ['G16'],
  caughtBy: hooksAreWell.name,
  patches: [
    {
      file: 'admission/admission.ts',
      find: '    const manager = new WebSocketManager(this.#host, userSlots, pending.context, nowMs);',
      replace: `    const { metrics } = Object(this.#host.options);
    metrics.gauge('managers', userSlots.size);
    const manager = new WebSocketManager(this.#host, userSlots, pending.context, nowMs);`,
    },
  ],
};
