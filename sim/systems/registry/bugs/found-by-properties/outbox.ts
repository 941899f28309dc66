/** Bugs of the outbox that a property catches. */
import type { PropertyBug } from '../bug.ts';

const property =
  'messages that wait are bounded and replayed once in order, and dropped ones are reported';

const replayedAgain: PropertyBug = {
  name: 'replayed-again',
  description: 'replayed messages stay in the outbox, and the next connection receives them again',
  guarantees: ['G11'],
  caughtBy: { property },
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

const newestFirst: PropertyBug = {
  name: 'outbox-newest-first',
  description: 'the outbox is a stack',
  guarantees: ['G11'],
  caughtBy: { property },
  patches: [
    {
      file: 'delivery/message-store.ts',
      find: 'this.#messages.push({ data:',
      replace: 'this.#messages.unshift({ data:',
    },
  ],
};

const ageForgotten: PropertyBug = {
  name: 'age-forgotten',
  description: 'waiting messages never expire',
  guarantees: ['G11'],
  caughtBy: { property },
  patches: [
    {
      file: 'delivery/message-store.ts',
      find: 'oldest.storedAtMs <= bornAfterMs',
      replace: 'oldest.storedAtMs <= bornAfterMs - 1_000_000',
    },
  ],
};

const charactersCounted: PropertyBug = {
  name: 'characters-counted',
  description: 'the size of a message is counted in characters instead of bytes',
  guarantees: ['G11'],
  caughtBy: { property },
  patches: [
    {
      file: 'delivery/message-store.ts',
      find: "if (typeof data === 'string') return Buffer.byteLength(data);",
      replace: "if (typeof data === 'string') return data.length;",
    },
  ],
};

const droppedSilently: PropertyBug = {
  name: 'dropped-silently',
  description: 'older messages are dropped for a new one without an event',
  guarantees: ['G11'],
  caughtBy: { property },
  patches: [
    {
      file: 'delivery/outbox.ts',
      find: "this.#dropped('outbox-full', this.#store.makeRoom(bytes));",
      replace: 'this.#store.makeRoom(bytes);',
    },
  ],
};

export const outboxBugs: readonly PropertyBug[] = [
  replayedAgain,
  newestFirst,
  ageForgotten,
  charactersCounted,
  droppedSilently,
];
