/** Mistakes with the end of a registry. */
import type { Mistake } from './index.ts';

const anteroomForgotten: Mistake = {
  name: 'anteroom-forgotten',
  description: 'whoever is being authenticated is let in after the shutdown, or stays at the door',
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: '    if (this.#upgradeSources.length === 0) return;',
      replace: '    if (this.#upgradeSources.length >= 0) return;',
    },
  ],
};

const batchesForgotten: Mistake = {
  name: 'batches-forgotten',
  description: 'only the first batch is told to go',
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: 'else this.#timer = setTimeout(() => this.#notifyBatch(size), this.#options.batchIntervalMs);',
      replace: 'else this.#allNotified.resolve();',
    },
  ],
};

const hasteIgnored: Mistake = {
  name: 'haste-ignored',
  description: 'a second, more impatient call changes nothing',
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: '    if (deadlineAtMs >= this.#deadlineAtMs) return;',
      replace: '    if (deadlineAtMs >= 0) return;',
    },
  ],
};

const noTimeTakesTime: Mistake = {
  name: 'no-time-takes-time',
  description:
    'without any drain, whoever is at the door is waited for until a timer of no time is over',
  patches: [
    {
      file: 'admission/shutdown.ts',
      find: `    if (handshakeMs <= 0) destroyPending();
    else this.#upgradeTimer = setTimeout(destroyPending, handshakeMs);`,
      replace: '    this.#upgradeTimer = setTimeout(destroyPending, handshakeMs);',
    },
  ],
};

export const shutdownMistakes: readonly Mistake[] = [
  anteroomForgotten,
  batchesForgotten,
  hasteIgnored,
  noTimeTakesTime,
];
