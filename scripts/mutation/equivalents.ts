/** Mutants of `src/` that change nothing anybody could see, each with the reason. */

import type { Equivalent } from './equivalence.ts';

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
    file: 'src/channels.ts',
    at: 'if (known.hasSubscribers) known.publish(event);',
    mutants: [{ from: 'known.hasSubscribers', to: 'true' }],
    reason: 'to publish to nobody does nothing',
  },
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
    file: 'src/header-deadline.ts',
    at: "const wrote = typeof seen.bytesWritten === 'number' && seen.bytesWritten > 0;",
    mutants: [{ from: "typeof seen.bytesWritten === 'number'", to: 'true' }],
    reason: 'for the compiler: what is no number is not above 0',
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
  {
    file: 'src/upgrade-check.ts',
    at: "if (!KEY.test(headers['sec-websocket-key'] ?? '')) {",
    mutants: [{ from: "''", to: '"Stryker was here!"' }],
    reason: 'neither is a key',
  },
  {
    file: 'src/upgrade-check.ts',
    at: "const url = request.url ?? '';",
    mutants: [{ from: "''", to: '"Stryker was here!"' }],
    reason: 'neither has a query',
  },
  {
    file: 'src/upgrade-check.ts',
    at: "if (!query.includes(field) && !query.includes('%')) return undefined;",
    mutants: [
      { from: "!query.includes(field) && !query.includes('%')", to: 'false' },
      { from: "'%'", to: '""' },
    ],
    reason: 'only saves the parsing of a query that cannot have the field',
  },
  {
    file: 'src/upgrade-check.ts',
    at: "if (id?.includes('\\uFFFD')) {",
    mutants: [
      { from: "id?.includes('\\uFFFD')", to: 'true' },
      { from: "'\\uFFFD'", to: '""' },
    ],
    reason: 'only saves the second look: whatever is ill-formed was decoded to that character',
  },
  {
    file: 'src/upgrade-check.ts',
    at: "if (!isWellFormed(pair ?? '')) {",
    mutants: [{ from: "''", to: '"Stryker was here!"' }],
    reason: 'for the compiler: there is an id, so there is a pair that it came from',
  },
  {
    file: 'src/upgrade-check.ts',
    at: '} catch {',
    mutants: [{ from: '{ return false; }', to: '{}' }],
    reason: 'it is asked for its negation only, and undefined is as false as false',
  },
  {
    file: 'src/upgrade.ts',
    at: 'if (claim.wanted) this.#reserved = manager;',
    mutants: [{ from: 'claim.wanted', to: 'true' }],
    reason: 'there is no reservation for an upgrade that has given up, and it gives none back',
  },
  {
    file: 'src/upgrade.ts',
    at: '} finally {',
    mutants: [{ from: '{ this.#interrupt = undefined; }', to: '{}' }],
    reason: 'to interrupt a wait that is over does nothing',
  },
];
