/** Mistakes with the end of a registry. */
import type { Mistake } from './index.ts';

const anteroomForgotten: Mistake = {
  name: 'anteroom-forgotten',
  description: 'whoever is being authenticated is let in after the shutdown, or stays at the door',
  patches: [
    {
      file: 'shutdown.ts',
      find: '    if (this.#anterooms.length === 0) return;',
      replace: '    if (this.#anterooms.length >= 0) return;',
    },
  ],
};

const batchesForgotten: Mistake = {
  name: 'batches-forgotten',
  description: 'only the first batch is told to go',
  patches: [
    {
      file: 'shutdown.ts',
      find: 'else this.#timer = setTimeout(() => this.#tellBatch(size), this.#options.batchIntervalMs);',
      replace: 'else this.#allTold.resolve();',
    },
  ],
};

const hasteIgnored: Mistake = {
  name: 'haste-ignored',
  description: 'a second, more impatient call changes nothing',
  patches: [
    {
      file: 'shutdown.ts',
      find: '    if (deadlineAtMs >= this.#deadlineAtMs) return;',
      replace: '    if (deadlineAtMs >= 0) return;',
    },
  ],
};

export const shutdownMistakes: readonly Mistake[] = [
  anteroomForgotten,
  batchesForgotten,
  hasteIgnored,
];
