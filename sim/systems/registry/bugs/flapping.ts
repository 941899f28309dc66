/** A mistake that needs a sequence of five actions, found by the exhaustive search of the small world. */
import { auditFindsNothing, emptyManagerGoes } from '../invariants/release.ts';
import type { Bug } from './bug.ts';

export const flappingForgotten: Bug = {
  name: 'flapping-forgotten',
  description:
    'a guard against flapping tabs: the third time that a manager becomes empty, its removal is not scheduled',
  guarantees: ['G7'],
  caughtBy: emptyManagerGoes.name,
  forerunners: [
    {
      invariant: auditFindsNothing.name,
      why: 'in a run that is long enough for an audit, it sees an empty manager that is not scheduled',
    },
  ],
  patches: [
    {
      file: 'liveness/idle-lifetime.ts',
      find: '  #reservations = 0;',
      replace: '  #reservations = 0;\n  #left = 0;',
    },
    {
      file: 'liveness/idle-lifetime.ts',
      find: `    this.#idleSinceMs = nowMs;
    this.#becomeIdle(nowMs);`,
      replace: `    this.#idleSinceMs = nowMs;
    this.#left += 1;
    if (this.#left !== 3) this.#becomeIdle(nowMs);`,
    },
  ],
};
