/** Bugs of the HTTP upgrade that a property catches. */
import type { PropertyBug } from '../bug.ts';

const property =
  'an upgrade is answered as the hooks decide, and a client that disconnects leaves nothing behind';

const truthyIsTrue: PropertyBug = {
  name: 'truthy-is-true',
  description: 'an origin is accepted by any answer that is not false',
  guarantees: ['G17'],
  caughtBy: { property },
  patches: [
    {
      file: 'upgrade/upgrade-checks.ts',
      find: "if (allowed !== true) throw new Refusal(403, 'This origin is not allowed');",
      replace: "if (!allowed) throw new Refusal(403, 'This origin is not allowed');",
    },
  ],
};

const boundForEach: PropertyBug = {
  name: 'bound-for-each',
  description: 'each check gets the whole time budget that all checks share',
  guarantees: ['G17'],
  caughtBy: { property },
  patches: [
    {
      file: 'upgrade/interruptible-steps.ts',
      find: '    this.#checkTimer ??= setTimeout(',
      replace: '    clearTimeout(this.#checkTimer);\n    this.#checkTimer = setTimeout(',
    },
  ],
};

const ownThreadAsked: PropertyBug = {
  name: 'own-thread-asked',
  description: "authorizeThread is called for the client's own derived thread",
  guarantees: ['G17'],
  caughtBy: { property },
  patches: [
    {
      file: 'upgrade/upgrade-checks.ts',
      find: "if (authorizeThread !== undefined && context.audit.how === 'claimed') {",
      replace: 'if (authorizeThread !== undefined) {',
    },
  ],
};

const answerCut: PropertyBug = {
  name: 'answer-cut',
  description: 'the last byte of a refusal is missing',
  guarantees: ['G17'],
  caughtBy: { property },
  patches: [
    {
      file: 'upgrade/refusal.ts',
      find: 'socket.end(refusalBytes(refusal));',
      replace: 'socket.end(refusalBytes(refusal).slice(0, -1));',
    },
  ],
};

export const upgradeBugs: readonly PropertyBug[] = [
  truthyIsTrue,
  boundForEach,
  ownThreadAsked,
  answerCut,
];
