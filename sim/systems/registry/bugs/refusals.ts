/** Bugs of the response to a client that is refused, or has to wait. */

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
  description: 'one CRLF is missing: the body of a refusal is read as a header',
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
  description: 'the body of a refusal lacks its line end, and Content-Length still counts it',
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
  description:
    'Retry-After is milliseconds divided by a thousand, without rounding to whole seconds',
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
      why: 'an acquire just before all clients leave has a later deadline, and is left at the end',
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
    'a missing finally: a client that left while it waited for room still gets a manager, which stays for ever',
  guarantees: ['G7', 'G17'],
  caughtBy: emptyManagerGoes.name,
  forerunners: [
    {
      invariant: emergencyRemovesTheDead.name,
      why: 'an emergency skips a dead manager that is reserved for no client',
    },
    {
      invariant: emergencyTakesWhatItNeeds.name,
      why: 'an emergency skips the empty manager that is reserved for no client, and removes a newer one',
    },
    {
      invariant: limitHitHasARefusal.name,
      why: 'if there is no room for that client either, a refusal is counted that no acquire got',
    },
    {
      invariant: wallClockIsNotAsked.name,
      why: 'if a wall clock was set meanwhile, the manager that stays is first attributed to that',
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
