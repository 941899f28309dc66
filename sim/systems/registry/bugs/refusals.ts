/** Bugs of the answer to a client that is refused, or has to wait. */

import {
  emergencyRemovesTheDead,
  emergencyTakesWhatItNeeds,
  limitHitHasARefusal,
} from '../invariants/emergency.ts';
import { emptyManagerGoes, nothingIsLeft } from '../invariants/release.ts';
import { wallClockIsNotAsked } from '../invariants/time.ts';
import { refusalsArriveWhole, upgradesAreAnswered } from '../invariants/upgrade.ts';
import type { Bug } from './bug.ts';

export const headerWithoutEnd: Bug = {
  name: 'header-without-end',
  description: 'one CRLF is missing: the body of a refusal stands where a header should',
  guarantees: ['G17'],
  caughtBy: refusalsArriveWhole.name,
  patches: [
    {
      file: 'upgrade/refusal.ts',
      find: '\\r\\n\\r\\n${body}`;',
      replace: '\\r\\n${body}`;',
    },
  ],
};

export const contentLengthDrift: Bug = {
  name: 'content-length-drift',
  description:
    'the body of a refusal has lost its line end, and its length is still counted with it',
  guarantees: ['G17'],
  caughtBy: refusalsArriveWhole.name,
  patches: [
    {
      file: 'upgrade/refusal.ts',
      find: '\\r\\n\\r\\n${body}`;',
      replace: '\\r\\n\\r\\n${reason}`;',
    },
  ],
};

export const retryAfterFraction: Bug = {
  name: 'retry-after-fraction',
  description: 'Retry-After is given in milliseconds divided by a thousand, and no whole number',
  guarantees: ['G6', 'G17'],
  caughtBy: refusalsArriveWhole.name,
  patches: [
    {
      file: 'upgrade/refusal.ts',
      find: 'Math.max(1, Math.ceil(cause.retryAfterMs / 1_000))',
      replace: 'cause.retryAfterMs / 1_000',
    },
  ],
};

export const successorForgotten: Bug = {
  name: 'successor-forgotten',
  description:
    'an early return: when the manager that ended has no eviction successor, an acquire of its own key waits for ever',
  guarantees: ['G16', 'G17'],
  caughtBy: upgradesAreAnswered.name,
  forerunners: [
    {
      invariant: nothingIsLeft.name,
      why: 'an acquire shortly before all clients leave is due after that, and is left over then',
    },
  ],
  patches: [
    {
      file: 'admission/admission.ts',
      find: `    if (evictionSuccessor !== undefined) {
      userSlots.evictionSuccessors.delete(ended);`,
      replace: `    if (evictionSuccessor === undefined) return;
    if (evictionSuccessor !== undefined) {
      userSlots.evictionSuccessors.delete(ended);`,
    },
  ],
};

export const claimStaysWanted: Bug = {
  name: 'claim-stays-wanted',
  description:
    'a lost finally: a client that left while it waited for room still gets a manager, which is kept for ever',
  guarantees: ['G7', 'G17'],
  caughtBy: emptyManagerGoes.name,
  forerunners: [
    {
      invariant: emergencyRemovesTheDead.name,
      why: 'an emergency passes over a dead manager that is kept for no client',
    },
    {
      invariant: emergencyTakesWhatItNeeds.name,
      why: 'an emergency passes over the empty manager that is kept for no client, and takes a newer one',
    },
    {
      invariant: limitHitHasARefusal.name,
      why: 'where there is no room for that client either, it is counted as refused, and no acquire was',
    },
    {
      invariant: wallClockIsNotAsked.name,
      why: 'where a wall clock was set meanwhile, a manager that stays is put down to that first',
    },
  ],
  patches: [
    {
      file: 'upgrade/upgrade.ts',
      find: `    try {
      return this.#reserved ?? (yield* this.wait(waiting.promise));
    } finally {
      waiter.wanted = false;
    }`,
      replace: `    const manager = this.#reserved ?? (yield* this.wait(waiting.promise));
    waiter.wanted = false;
    return manager;`,
    },
  ],
};
