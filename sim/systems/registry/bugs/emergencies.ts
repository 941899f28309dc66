/** Bugs of the emergency at the limit: when there is one, which manager it takes, what a refusal counts. */
import {
  emergencyBeforeRefusal,
  emergencyTakesWhatItNeeds,
  limitHitHasARefusal,
} from '../invariants/emergency.ts';
import { proactiveStartsInTime } from '../invariants/limits.ts';
import { auditFindsNothing } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const newcomerCountedTwice: Bug = {
  name: 'newcomer-counted-twice',
  description:
    'an off-by-one: a new acquire is counted as if it were there, and refused at 19 of 20',
  guarantees: ['G4', 'G6'],
  caughtBy: limitHitHasARefusal.name,
  forerunners: [
    {
      invariant: auditFindsNothing.name,
      why: 'the audit sees an acquire wait while there is room, before one is refused',
    },
  ],
  patches: [
    {
      file: 'admission/admission.ts',
      find: '      userSlots.size < this.#host.options.maxManagersPerUser &&',
      replace: '      userSlots.size + 1 < this.#host.options.maxManagersPerUser &&',
    },
    {
      file: 'admission/admission.ts',
      find: 'userSlots.queue.length > 0 && userSlots.size < maxManagersPerUser) {',
      replace: 'userSlots.queue.length > 0 && userSlots.size + 1 < maxManagersPerUser) {',
    },
  ],
};

export const oneHitAFlight: Bug = {
  name: 'one-hit-a-flight',
  description: 'several who wait for one key are refused together, and counted as one limit hit',
  guarantees: ['G6', 'G14'],
  caughtBy: limitHitHasARefusal.name,
  patches: [
    {
      file: 'admission/pending-acquires.ts',
      find: '    if (waiter.wanted) {\n      const subject',
      replace: '    if (waiter.wanted && waiter === pending.waiters[0]) {\n      const subject',
    },
  ],
};

export const cooldownFromTheStart: Bug = {
  name: 'cooldown-from-the-start',
  description:
    'the cooldown of an emergency is reckoned from its beginning: one that took long is followed by another',
  guarantees: ['G6'],
  caughtBy: emergencyBeforeRefusal.name,
  patches: [
    {
      file: 'admission/cleanup-scheduler.ts',
      find: '    userSlots.emergencyRunning = true;\n',
      replace:
        '    userSlots.emergencyRunning = true;\n    const startedAtMs = performance.now();\n',
    },
    {
      file: 'admission/cleanup-scheduler.ts',
      find: 'performance.now() + this.#host.options.emergencyCooldownMs;',
      replace: 'startedAtMs + this.#host.options.emergencyCooldownMs;',
    },
  ],
};

export const refusedUnasked: Bug = {
  name: 'refused-unasked',
  description: 'a user who was refused once is refused from then on, and no peer is asked again',
  guarantees: ['G6'],
  caughtBy: emergencyBeforeRefusal.name,
  patches: [
    {
      file: 'admission/admission.ts',
      find: '    else if (isBefore(userSlots.emergencyCooldownUntilMs))',
      replace: '    else if (userSlots.emergencyCooldownUntilMs !== undefined)',
    },
  ],
};

export const allEmptyGo: Bug = {
  name: 'all-empty-go',
  description: 'an emergency takes every empty manager, also when one is enough',
  guarantees: ['G6'],
  caughtBy: emergencyTakesWhatItNeeds.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: '    if (removed >= needed) break;',
      replace: '    if (needed <= 0) break;',
    },
  ],
};

export const newestFirst: Bug = {
  name: 'newest-first',
  description: 'of the empty managers the newest goes first',
  guarantees: ['G6'],
  caughtBy: emergencyTakesWhatItNeeds.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: '  for (const manager of userSlots.managers) {\n    if (removed',
      replace: '  for (const manager of userSlots.managers.toReversed()) {\n    if (removed',
    },
  ],
};

export const cooldownForgotten: Bug = {
  name: 'cooldown-forgotten',
  description: 'a proactive cleanup that ends remembers no cooldown: each new key starts the next',
  guarantees: ['G5'],
  caughtBy: proactiveStartsInTime.name,
  patches: [
    {
      file: 'admission/cleanup-scheduler.ts',
      find: '        userSlots.cleanupRunning = undefined;\n        this.#startCooldown(userSlots);\n',
      replace: '        userSlots.cleanupRunning = undefined;\n',
    },
  ],
};
