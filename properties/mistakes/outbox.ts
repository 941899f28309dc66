/** Mistakes with messages that wait. */
import type { Mistake } from './index.ts';

const replayedAgain: Mistake = {
  name: 'replayed-again',
  description: 'what was replayed stays in the outbox, and the next connection hears it once more',
  patches: [
    {
      file: 'delivery/outbox.ts',
      find: `    const messages = this.#store.take();
    this.#track();
    if (messages.length === 0) return;`,
      replace: `    const messages = this.#store.take();
    for (const { data, bytes: each } of messages) this.#store.add(data, each);
    if (messages.length === 0) return;`,
    },
  ],
};

const newestFirst: Mistake = {
  name: 'newest-first',
  description: 'the outbox is a stack',
  patches: [
    {
      file: 'delivery/message-store.ts',
      find: 'this.#messages.push({ data:',
      replace: 'this.#messages.unshift({ data:',
    },
  ],
};

const ageForgotten: Mistake = {
  name: 'age-forgotten',
  description: 'what waits is never too old',
  patches: [
    {
      file: 'delivery/message-store.ts',
      find: 'oldest.storedAtMs <= bornAfterMs',
      replace: 'oldest.storedAtMs <= bornAfterMs - 1_000_000',
    },
  ],
};

const charactersCounted: Mistake = {
  name: 'characters-counted',
  description: 'the bytes of a message are taken for its characters',
  patches: [
    {
      file: 'delivery/message-store.ts',
      find: "if (typeof data === 'string') return Buffer.byteLength(data);",
      replace: "if (typeof data === 'string') return data.length;",
    },
  ],
};

const droppedSilently: Mistake = {
  name: 'dropped-silently',
  description: 'older messages make room for a new one, and nobody is told',
  patches: [
    {
      file: 'delivery/outbox.ts',
      find: "this.#dropped('outbox-full', this.#store.makeRoom(bytes));",
      replace: 'this.#store.makeRoom(bytes);',
    },
  ],
};

export const outboxMistakes: readonly Mistake[] = [
  replayedAgain,
  newestFirst,
  ageForgotten,
  charactersCounted,
  droppedSilently,
];
