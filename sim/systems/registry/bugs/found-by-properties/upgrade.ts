/** Bugs of the HTTP upgrade that a property catches. */
import type { PropertyBug } from '../bug.ts';

const property = 'an upgrade is answered as the hooks say, and a client that leaves keeps nothing';

const truthyIsTrue: PropertyBug = {
  name: 'truthy-is-true',
  description: 'an origin is let in by any answer that is not false',
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
  description: 'each check has the time that all have together',
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
  description: 'leave is asked for a thread that is the own one by construction',
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
