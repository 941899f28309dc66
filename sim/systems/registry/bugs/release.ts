/** Mistakes with how things end. */
import { liveManagerIsFound } from '../invariants/identity.ts';
import { emptyManagerGoes, socketsGoWithTheirManager } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const successorDeleted: Bug = {
  name: 'successor-deleted',
  description:
    'the end of an old manager, told late and by key, deletes the new one that took its key (ABA)',
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
    'a cleanup is noted as running only after its first step: when that takes the last manager, the account of the ' +
    'user is dropped, and the new acquire whose cleanup it was is entered in a record that is not listed (found by this simulator)',
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
    'a disconnect removes the connection, and the removal of its manager is put off for ever',
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
  description: 'a manager that is cleaned up forgets its sockets: the clients hang on',
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
