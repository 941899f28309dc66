/** Mistakes at the door. */
import type { Mistake } from './index.ts';

const truthyIsTrue: Mistake = {
  name: 'truthy-is-true',
  description: 'an origin is let in by any answer that is not false',
  patches: [
    {
      file: 'upgrade/upgrade-checks.ts',
      find: "if (allowed !== true) throw new Refusal(403, 'This origin is not allowed');",
      replace: "if (!allowed) throw new Refusal(403, 'This origin is not allowed');",
    },
  ],
};

const boundForEach: Mistake = {
  name: 'bound-for-each',
  description: 'each check has the time that all have together',
  patches: [
    {
      file: 'upgrade/interruptible-steps.ts',
      find: '    this.#checkTimer ??= setTimeout(',
      replace: '    clearTimeout(this.#checkTimer);\n    this.#checkTimer = setTimeout(',
    },
  ],
};

const ownThreadAsked: Mistake = {
  name: 'own-thread-asked',
  description: 'leave is asked for a thread that is the own one by construction',
  patches: [
    {
      file: 'upgrade/upgrade-checks.ts',
      find: "if (authorizeThread !== undefined && context.audit.how === 'claimed') {",
      replace: 'if (authorizeThread !== undefined) {',
    },
  ],
};

const answerCut: Mistake = {
  name: 'answer-cut',
  description: 'the last byte of a refusal is missing',
  patches: [
    {
      file: 'upgrade/refusal.ts',
      find: 'socket.end(refusalBytes(refusal));',
      replace: 'socket.end(refusalBytes(refusal).slice(0, -1));',
    },
  ],
};

export const doorMistakes: readonly Mistake[] = [
  truthyIsTrue,
  boundForEach,
  ownThreadAsked,
  answerCut,
];
