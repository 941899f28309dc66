/** Mutants of `src/` that change nothing anybody could see, each with the reason. */

import type { Equivalent } from './equivalence.ts';
import { equivalentsOfParts } from './equivalents-of-parts.ts';

const LISTENERS_GO_FIRST =
  'the listeners are taken off in the step in which the connection is, so that none finds the socket without it';

export const equivalents: readonly Equivalent[] = [
  {
    file: 'src/admission.ts',
    at: 'if (account.hasFlights) {',
    mutants: [{ from: 'account.hasFlights', to: 'true' }],
    reason: 'only saves the empty lists that would be made: there is nobody in them',
  },
  {
    file: 'src/admission.ts',
    at: 'if (!account.hasFlights) continue;',
    mutants: [{ from: '!account.hasFlights', to: 'false' }],
    reason: 'only saves the empty lists that would be made: there is nobody in them',
  },
  {
    file: 'src/audit.ts',
    at: 'if (ageMs > outboxMaxAgeMs + sweepIntervalMs + SWEEP_LATENESS_MS) {',
    mutants: [
      {
        from: 'ageMs > outboxMaxAgeMs + sweepIntervalMs + SWEEP_LATENESS_MS',
        to: 'ageMs >= outboxMaxAgeMs + sweepIntervalMs + SWEEP_LATENESS_MS',
      },
    ],
    reason: 'the clock has fractions of a millisecond, and half a minute is allowed for lateness',
  },
  ...(['kConnectionGone', 'kMessageSeen', 'kFrameSeen', 'kFailed', 'kPeerDone'] as const).map(
    (call): Equivalent => {
      const rest = {
        kConnectionGone: '(code, reason.toString());',
        kMessageSeen: '(sizeOf(data));',
        kFrameSeen: '();',
        kFailed: '(error);',
        kPeerDone: '();',
      }[call];
      return {
        file: 'src/connection-listeners.ts',
        at: `this[kConnection]?.[${call}]${rest}`,
        mutants: [{ from: `this[kConnection]?.[${call}]`, to: `this[kConnection][${call}]` }],
        reason: LISTENERS_GO_FIRST,
      };
    },
  ),
  {
    file: 'src/connection.ts',
    at: '[kSlot] = -1;',
    mutants: [{ from: '-1', to: '+1' }],
    reason: 'the rounds write it before they read it',
  },
  {
    file: 'src/connection.ts',
    at: '[kSeat] = -1;',
    mutants: [{ from: '-1', to: '+1' }],
    reason: 'the rounds write it before they read it',
  },
  {
    file: 'src/manager.ts',
    at: "#reason: CloseReason = 'closed';",
    mutants: [{ from: "'closed'", to: '""' }],
    reason: 'whatever begins to close a manager writes its reason before it is read',
  },
  {
    file: 'src/manager.ts',
    at: 'if (this.#roster.size > 0) {',
    mutants: [
      { from: 'this.#roster.size > 0', to: 'true' },
      { from: 'this.#roster.size > 0', to: 'this.#roster.size >= 0' },
    ],
    reason: 'only saves a list of nobody',
  },
  ...equivalentsOfParts,
];
