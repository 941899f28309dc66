/** Mutants of `src/` that change nothing anybody could see, each with the reason. */

import type { Equivalent } from './equivalence.ts';
import { equivalentsOfParts } from './equivalents-of-parts.ts';

const LISTENERS_GO_FIRST =
  'the listeners are taken off in the step in which the connection is, so that none finds the socket without it';

export const equivalents: readonly Equivalent[] = [
  {
    file: 'src/admission/admission.ts',
    at: 'if (account.hasFlights) {',
    mutants: [{ from: 'account.hasFlights', to: 'true' }],
    reason: 'only saves the empty lists that would be made: there is nobody in them',
  },
  {
    file: 'src/admission/admission.ts',
    at: 'if (!account.hasFlights) continue;',
    mutants: [{ from: '!account.hasFlights', to: 'false' }],
    reason: 'only saves the empty lists that would be made: there is nobody in them',
  },
  {
    file: 'src/telemetry/audit.ts',
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
        file: 'src/socket/connection-listeners.ts',
        at: `this[kConnection]?.[${call}]${rest}`,
        mutants: [{ from: `this[kConnection]?.[${call}]`, to: `this[kConnection][${call}]` }],
        reason: LISTENERS_GO_FIRST,
      };
    },
  ),
  {
    file: 'src/telemetry/diagnostics-channels.ts',
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
    file: 'src/internal/due-queue.ts',
    at: 'if (place === 0 || parent === undefined || parent.dueMs <= entry.dueMs) return;',
    mutants: [{ from: 'parent.dueMs <= entry.dueMs', to: 'parent.dueMs < entry.dueMs' }],
    reason: 'the first has no parent, and of two that are due at the same time either may be first',
  },
  {
    file: 'src/internal/due-queue.ts',
    at: 'left !== undefined && right !== undefined && right.dueMs < left.dueMs ? right : left;',
    mutants: [{ from: 'right.dueMs < left.dueMs', to: 'right.dueMs <= left.dueMs' }],
    reason:
      'where there is a right one there is a left one, and of two that are due at the same time either may be first',
  },
  {
    file: 'src/internal/due-queue.ts',
    at: 'if (child === undefined || child.dueMs >= entry.dueMs) return;',
    mutants: [
      { from: 'child.dueMs >= entry.dueMs', to: 'false' },
      { from: 'child.dueMs >= entry.dueMs', to: 'child.dueMs > entry.dueMs' },
    ],
    reason: 'whoever sinks too deep rises again in the same step',
  },
  {
    file: 'src/upgrade/refused-socket-close.ts',
    at: 'if (dueMs >= this.#timerDueMs) return;',
    mutants: [{ from: 'dueMs >= this.#timerDueMs', to: 'dueMs > this.#timerDueMs' }],
    reason: 'sets the timer anew for the same moment',
  },
  {
    file: 'src/upgrade/header-deadline.ts',
    at: "const wrote = typeof seen.bytesWritten === 'number' && seen.bytesWritten > 0;",
    mutants: [{ from: "typeof seen.bytesWritten === 'number'", to: 'true' }],
    reason: 'for the compiler: what is no number is not above 0',
  },
  {
    file: 'src/socket/closing-state.ts',
    at: 'if (this.#dueMs !== undefined && dueMs >= this.#dueMs) return;',
    mutants: [{ from: 'this.#dueMs !== undefined', to: 'true' }],
    reason: 'for the compiler: nothing is later than undefined',
  },
  {
    file: 'src/liveness/heartbeat.ts',
    at: 'if (this.#open?.atMs === nowMs) return this.#open.batch;',
    mutants: [{ from: 'this.#open?.atMs === nowMs', to: 'false' }],
    reason: 'only saves a batch for each: those of one tick are due at the same time',
  },
  {
    file: 'src/liveness/heartbeat.ts',
    at: 'this.#open = { batch, atMs: nowMs };',
    mutants: [{ from: '{ batch, atMs: nowMs }', to: '{}' }],
    reason: 'only saves a batch for each: those of one tick are due at the same time',
  },
  {
    file: 'src/liveness/heartbeat.ts',
    at: 'this.#ordinal += 1;',
    mutants: [{ from: 'this.#ordinal += 1', to: 'this.#ordinal -= 1' }],
    reason: 'the ordinals are only compared for being the same, and none is that of nobody',
  },
  {
    file: 'src/liveness/heartbeat.ts',
    at: 'const batch: Batch = { ordinal: this.#ordinal, asked: [], isLastLook: false };',
    mutants: [{ from: '[]', to: '["Stryker was here"]' }],
    reason: 'what was asked in no batch is passed over',
  },
  {
    file: 'src/liveness/heartbeat.ts',
    at: 'if (dueMs >= this.#timerDueMs || dueMs === Number.POSITIVE_INFINITY) return;',
    mutants: [
      { from: 'dueMs >= this.#timerDueMs', to: 'false' },
      { from: 'dueMs >= this.#timerDueMs', to: 'dueMs > this.#timerDueMs' },
      { from: 'dueMs === Number.POSITIVE_INFINITY', to: 'false' },
      {
        from: 'dueMs >= this.#timerDueMs || dueMs === Number.POSITIVE_INFINITY',
        to: 'dueMs >= this.#timerDueMs && dueMs === Number.POSITIVE_INFINITY',
      },
    ],
    reason:
      'the timer is for the first that is due or there is none: it would be set anew for the same moment',
  },
  {
    file: 'src/liveness/probe.ts',
    at: "cancelReading = afterPoll(() => settle(judge(manager, before, true) ?? 'dead'));",
    mutants: [{ from: "'dead'", to: '""' }],
    reason: 'for the compiler: when the time is up there is a verdict',
  },
  ...[
    [
      'this.#stride = Math.floor(slots * 0.618) | 1;',
      'slots * 0.618',
      'slots / 0.618',
      'gives the same stride modulo every power of two that there is: it is the golden section',
    ],
    [
      'connection[kSeat] = (slot?.push(connection) ?? 0) - 1;',
      'slot?.push',
      'slot.push',
      'for the compiler: there is such a slot',
    ],
    [
      'if (last !== undefined && last !== connection) {',
      'last !== undefined',
      'true',
      'for the compiler: the connection itself was in that slot',
    ],
    ['connection[kSlot] = -1;', '-1', '+1', 'whoever is not in his seat has left already'],
    [
      'if (dueMs >= this.#timerDueMs) return;',
      'dueMs >= this.#timerDueMs',
      'dueMs > this.#timerDueMs',
      'sets the timer anew for the same moment',
    ],
    [
      'const slot = this.#slots[index] ?? [];',
      '[]',
      '["Stryker was here"]',
      'for the compiler: there is such a slot',
    ],
    [
      'for (let seat = slot.length - 1; seat >= 0; seat -= 1) {',
      'slot.length - 1',
      'slot.length + 1',
      'a seat that nobody has is passed over',
    ],
    [
      'if (this.#size === 0) return;',
      'this.#size === 0',
      'false',
      'only saves the search for a slot with somebody in it',
    ],
    [
      'for (let turn = this.#turn; turn < last; turn += 1) {',
      'turn < last',
      'turn <= last',
      'somebody is in one of the slots before',
    ],
    [
      'if (this.#slots[turn % length]?.length === 0) continue;',
      'this.#slots[turn % length]?.length',
      'this.#slots[turn % length].length',
      'for the compiler: there is such a slot',
    ],
    [
      'while (this.#atMs(this.#turn) <= nowMs && this.#slots[this.#turn % length]?.length === 0) {',
      'this.#slots[this.#turn % length]?.length',
      'this.#slots[this.#turn % length].length',
      'for the compiler: there is such a slot',
    ],
  ].map(
    ([at = '', from = '', to = '', reason = '']): Equivalent => ({
      file: 'src/liveness/inspection-wheel.ts',
      at,
      mutants: [{ from, to }],
      reason,
    }),
  ),
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
    file: 'src/upgrade/request-check.ts',
    at: "if (!KEY.test(headers['sec-websocket-key'] ?? '')) {",
    mutants: [{ from: "''", to: '"Stryker was here!"' }],
    reason: 'neither is a key',
  },
  {
    file: 'src/upgrade/request-check.ts',
    at: "const url = request.url ?? '';",
    mutants: [{ from: "''", to: '"Stryker was here!"' }],
    reason: 'neither has a query',
  },
  {
    file: 'src/upgrade/request-check.ts',
    at: "if (!query.includes(field) && !query.includes('%')) return undefined;",
    mutants: [
      { from: "!query.includes(field) && !query.includes('%')", to: 'false' },
      { from: "'%'", to: '""' },
    ],
    reason: 'only saves the parsing of a query that cannot have the field',
  },
  {
    file: 'src/upgrade/request-check.ts',
    at: "if (id?.includes('\\uFFFD')) {",
    mutants: [
      { from: "id?.includes('\\uFFFD')", to: 'true' },
      { from: "'\\uFFFD'", to: '""' },
    ],
    reason: 'only saves the second look: whatever is ill-formed was decoded to that character',
  },
  {
    file: 'src/upgrade/request-check.ts',
    at: "if (!isWellFormed(pair ?? '')) {",
    mutants: [{ from: "''", to: '"Stryker was here!"' }],
    reason: 'for the compiler: there is an id, so there is a pair that it came from',
  },
  {
    file: 'src/upgrade/request-check.ts',
    at: '} catch {',
    mutants: [{ from: '{ return false; }', to: '{}' }],
    reason: 'it is asked for its negation only, and undefined is as false as false',
  },
  {
    file: 'src/upgrade/upgrade.ts',
    at: 'if (claim.wanted) this.#reserved = manager;',
    mutants: [{ from: 'claim.wanted', to: 'true' }],
    reason: 'there is no reservation for an upgrade that has given up, and it gives none back',
  },
  {
    file: 'src/upgrade/upgrade.ts',
    at: 'else if (!this.#handedOver) {',
    mutants: [{ from: '!this.#handedOver', to: 'true' }],
    reason:
      'is over in the tick in which it becomes a connection, and who destroys it then terminates that as well',
  },
  {
    file: 'src/upgrade/upgrade.ts',
    at: 'if (!this.#watching) return;',
    mutants: [{ from: '!this.#watching', to: 'false' }],
    reason: 'takes off a listener that is not there',
  },
  {
    file: 'src/upgrade/upgrade.ts',
    at: '} finally {',
    mutants: [{ from: '{ this.#interrupt = undefined; }', to: '{}' }],
    reason: 'to interrupt a wait that is over does nothing',
  },
  {
    file: 'src/liveness/sweep.ts',
    at: 'if (this.#timer !== undefined) return;',
    mutants: [{ from: 'this.#timer !== undefined', to: 'false' }],
    reason: 'the sweep is started when there is a first manager, and only then',
  },
  ...equivalentsOfParts,
];
