/** Mistakes in how managers and their connections end. */
import { liveManagerIsFound } from '../invariants/identity.ts';
import { emptyManagerGoes, socketsGoWithTheirManager } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const successorDeleted: Bug = {
  name: 'successor-deleted',
  description:
    'the end of an old manager, reported late and by key, deletes the new manager of that key (ABA)',
  guarantees: ['G3'],
  caughtBy: liveManagerIsFound.name,
  patches: [
    {
      file: 'admission/user-slots.ts',
      find: `    if (this.find(threadOf(manager)) !== manager) return false;
    this.#managers = removed(this.#managers, manager, threadOf);`,
      replace: `    const found = this.find(threadOf(manager));
    if (found === undefined) return false;
    this.#managers = removed(this.#managers, found, threadOf);`,
    },
    {
      file: 'manager.ts',
      find: '    this[kHost].ended(this, reason);',
      replace: `    this[kHost].ended(this, reason);
    setTimeout(() => this[kHost].ended(this, reason), this[kHost].options.closeTimeoutMs);`,
    },
  ],
};

export const accountGivenUp: Bug = {
  name: 'account-given-up',
  description:
    'a cleanup is marked as running only after its first step: when that removes the last manager, the slots of the ' +
    'user are dropped, and the acquire that started it uses slots that are not in the table (found by this simulator)',
  guarantees: ['G3', 'G4'],
  caughtBy: liveManagerIsFound.name,
  patches: [
    {
      file: 'admission/cleanup-scheduler.ts',
      find: '      userSlots.cleanupRunning = running.promise;\n',
      replace: '',
    },
    {
      file: 'admission/cleanup-scheduler.ts',
      find: '      return running.promise;\n',
      replace: '      userSlots.cleanupRunning = running.promise;\n      return running.promise;\n',
    },
  ],
};

export const disconnectKeepsManager: Bug = {
  name: 'disconnect-keeps-manager',
  description:
    'a disconnect removes the connection, and the removal of its manager is postponed for ever',
  guarantees: ['G7'],
  caughtBy: emptyManagerGoes.name,
  patches: [
    {
      file: 'liveness/idle-lifetime.ts',
      find: 'if (dueMs > nowMs) this.#scheduledRemoval = this.#host.scheduledRemovals.schedule(this, dueMs);',
      replace:
        'if (dueMs >= 0) this.#scheduledRemoval = this.#host.scheduledRemovals.schedule(this, dueMs + 2_000_000_000);',
    },
  ],
};

export const socketsLeftOpen: Bug = {
  name: 'sockets-left-open',
  description:
    'a manager that is cleaned up does not close its sockets: the clients stay connected',
  guarantees: ['G13'],
  caughtBy: socketsGoWithTheirManager.name,
  patches: [
    {
      file: 'manager.ts',
      find: 'connection[kClose](order);\n  }\n\n  [kFreeSlot]',
      replace: 'this.#connectionSet.remove(connection);\n  }\n\n  [kFreeSlot]',
    },
  ],
};
