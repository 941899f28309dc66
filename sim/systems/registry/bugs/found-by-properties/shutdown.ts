/** Bugs of the shutdown that a property catches. */
import type { PropertyBug } from '../bug.ts';

const property = 'a shutdown settles within its drain whatever the peers do, and leaves nothing';

const pendingUpgradesForgotten: PropertyBug = {
  name: 'anteroom-forgotten',
  description:
    'a client that is being authenticated is admitted after the shutdown, or stays pending',
  guarantees: ['G12'],
  caughtBy: { property },
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: '    if (this.#upgradeSources.length === 0) return;',
      replace: '    if (this.#upgradeSources.length >= 0) return;',
    },
  ],
};

const batchesForgotten: PropertyBug = {
  name: 'batches-forgotten',
  description: 'only the first batch of connections gets a close frame',
  guarantees: ['G12'],
  caughtBy: { property },
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: 'else this.#timer = setTimeout(() => this.#notifyBatch(size), this.#options.batchIntervalMs);',
      replace: 'else this.#allNotified.resolve();',
    },
  ],
};

const hasteIgnored: PropertyBug = {
  name: 'haste-ignored',
  description: 'a second call with a shorter drain changes nothing',
  guarantees: ['G12'],
  caughtBy: { property },
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: '    if (deadlineAtMs >= this.#deadlineAtMs) return;',
      replace: '    if (deadlineAtMs >= 0) return;',
    },
  ],
};

const noTimeTakesTime: PropertyBug = {
  name: 'no-time-takes-time',
  description:
    'with a drain of 0 ms the shutdown still waits for a timer before it ends pending upgrades',
  guarantees: ['G12'],
  caughtBy: { property },
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: `    if (handshakeMs <= 0) destroyPending();
    else this.#upgradeTimer = setTimeout(destroyPending, handshakeMs);`,
      replace: '    this.#upgradeTimer = setTimeout(destroyPending, handshakeMs);',
    },
  ],
};

export const shutdownBugs: readonly PropertyBug[] = [
  pendingUpgradesForgotten,
  batchesForgotten,
  hasteIgnored,
  noTimeTakesTime,
];
