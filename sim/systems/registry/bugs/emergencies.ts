/** Bugs of the emergency cleanup: when it starts, which manager it removes, how a refusal is counted. */
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
  description: 'an off-by-one: a new acquire counts as a manager, and is refused at 19 of 20',
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
  description:
    'several acquires that wait for one key are refused together, and counted as one limit hit',
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
    'the cooldown of an emergency counts from its start: after a long one another starts at once',
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
  description:
    'a user that was refused once is refused for ever, and its peers are never probed again',
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
  description: 'an emergency removes every empty manager, also when one is enough',
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
  description: 'the newest empty manager is removed first',
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
  description: 'a proactive cleanup that ends starts no cooldown: each new key starts another one',
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
