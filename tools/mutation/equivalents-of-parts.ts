/**
 * More mutants that change nothing, of the parts that no user sees: lines that only save work, that are there for the
 * compiler, or that guard what another line guards too.
 */

import type { Equivalent } from './equivalence.ts';

type Row = readonly [
  file: string,
  at: string,
  reason: string,
  ...mutants: readonly (readonly [from: string, to: string])[],
];

const rows: readonly Row[] = [
  [
    'src/liveness/idle-lifetime.ts',
    'return this.#handedOutAtMs !== undefined && nowMs < this.#handedOutAtMs + ARRIVAL_MS;',
    'a comparison with an undefined time is false as well',
    ['this.#handedOutAtMs !== undefined', 'true'],
  ],
  [
    'src/liveness/idle-lifetime.ts',
    'if (this.#isVacant()) this.#schedule(performance.now());',
    'whoever is no longer vacant has called his removal off',
    ['this.#isVacant()', 'true'],
  ],
  [
    'src/liveness/idle-lifetime.ts',
    'if (!this.#isVacant() || this.#removal !== undefined) return;',
    'whoever was not vacant until now has no removal',
    ['this.#removal !== undefined', 'false'],
  ],
  [
    'src/liveness/idle-lifetime.ts',
    "return { reason, cause: 'manager', code, text: '', handshakeMs: 0, detachMs: 0 };",
    'an empty manager has nobody who could be told',
    ["'manager'", '""'],
    ["''", '"Stryker was here!"'],
  ],
  [
    'src/telemetry/stats.ts',
    'if (account.hasFlights)',
    'only saves the empty lists that would be made: there is nobody in them',
    ['account.hasFlights', 'true'],
  ],
  [
    'src/identity/ids.ts',
    "return id.charCodeAt(0) > 0 ? id : '';",
    'looks into an id that is never empty, only to have it in one piece',
    ['id.charCodeAt(0) > 0', 'true'],
    ['id.charCodeAt(0) > 0', 'id.charCodeAt(0) >= 0'],
    ["''", '"Stryker was here!"'],
  ],
  [
    'src/identity/ids.ts',
    'return value.length <= PLACEHOLDER_LENGTH_MAX && PLACEHOLDER_IDS.includes(value.toLowerCase());',
    'no longer text is in the list',
    ['value.length <= PLACEHOLDER_LENGTH_MAX', 'true'],
  ],
  [
    'src/identity/ids.ts',
    'if (PLAIN.test(value)) return isPlaceholder(value) ? refuse(NOT_A_PLACEHOLDER) : value;',
    'the other rules let the same ids pass, only more slowly',
    ['PLAIN.test(value)', 'false'],
  ],
  [
    'src/identity/user-execution-context.ts',
    "const end = url?.indexOf('?') ?? -1;",
    'no part of no text is no text',
    ['-1', '+1'],
  ],
  [
    'src/identity/user-execution-context.ts',
    'return end === -1 ? url : url?.slice(0, end);',
    'is there for the compiler: it cannot be undefined there, or comes to the same when it is',
    ['url?.slice', 'url.slice'],
  ],
  [
    'src/socket/ws-internals.ts',
    "if (limited == null || typeof present !== 'number') return;",
    'nothing has no limit that would be a number',
    ['limited == null', 'false'],
  ],
  [
    'src/socket/ws-internals.ts',
    'if (present === 0 || present > maxBytes) limited._maxPayload = maxBytes;',
    'sets what is set',
    ['present > maxBytes', 'present >= maxBytes'],
  ],
  [
    'src/socket/ws-internals.ts',
    "const found = /^HTTP\\/1\\.1 (\\d{3}) /.exec(typeof args[0] === 'string' ? args[0] : '');",
    'is no answer either',
    ["''", '"Stryker was here!"'],
  ],
  [
    'src/admission/slot-table.ts',
    'account.find(manager.context.threadId) === manager',
    'whoever is open is filed in his account, and nobody else is asked for',
    ['account.find(manager.context.threadId) === manager', 'true'],
  ],
  [
    'src/admission/slot-table.ts',
    'if (this.#size === 1) this.#watcher.filled();',
    'a sweep that is started again is one',
    ['this.#size === 1', 'true'],
  ],
  [
    'src/admission/slot-table.ts',
    'if (!account.remove(manager)) return false;',
    'a manager ends once, while it is filed',
    ['false', 'true'],
  ],
  [
    'src/admission/slot-table.ts',
    'if (this.#resting.size > 0) this.wake();',
    'only saves work: what follows comes to the same',
    ['this.#resting.size > 0', 'true'],
    ['this.#resting.size > 0', 'this.#resting.size >= 0'],
  ],
  [
    'src/admission/slot-table.ts',
    'const rest = this.#rests.size === 0 ? undefined : this.#rests.get(account);',
    'an account that is dropped rests no more: cooldowns only grow, and what is due was taken out before',
    ['this.#rests.size === 0', 'false'],
    ['this.#rests.size === 0', 'true'],
    ['this.#rests.size === 0', 'this.#rests.size !== 0'],
  ],
  [
    'src/admission/slot-table.ts',
    'if (rest !== undefined) {',
    'an account that is dropped rests no more: cooldowns only grow, and what is due was taken out before',
    ['{ this.#resting.remove(rest); this.#rests.delete(account); }', '{}'],
    ['rest !== undefined', 'false'],
  ],
  [
    'src/admission/slot-table.ts',
    'if (this.#accounts.get(account.userId) === account) this.#accounts.delete(account.userId);',
    'an account is asked for its identity before, and one that rests keeps its place',
    ['this.#accounts.get(account.userId) === account', 'true'],
  ],
  [
    'src/connection.ts',
    "this[kClose]({ cause: 'released', code, text: reason, handshakeMs, detachMs: DETACH_MS });",
    'whoever began it has said why, one line before',
    ["'released'", '""'],
  ],
  [
    'src/admission/cleanup.ts',
    "if (manager.state !== 'open') continue;",
    'whoever is closing has a socket, and whoever is closed holds no slot',
    ["manager.state !== 'open'", 'false'],
  ],
  [
    'src/admission/cleanup.ts',
    'readonly #ends: Promise<void>[] = [];',
    'a word that is waited for is there at once',
    ['[]', '["Stryker was here"]'],
  ],
  [
    'src/admission/admission.ts',
    'return false;',
    'the queue is full only while a cleanup runs, and then nobody asks whether there was room in it',
    ['false', 'true'],
  ],
  [
    'src/admission/admission.ts',
    'while (account.queue.length > 0 && account.size < maxManagersPerUser) {',
    'nobody is taken out of an empty queue, and that ends it',
    ['account.queue.length > 0', 'true'],
    ['account.queue.length > 0', 'account.queue.length >= 0'],
  ],
  [
    'src/admission/admission.ts',
    'if (flight === undefined) return;',
    'is there for the compiler: it cannot be undefined there, or comes to the same when it is',
    ['flight === undefined', 'false'],
  ],
  [
    'src/admission/admission.ts',
    'return atMs !== undefined && performance.now() < atMs;',
    'a comparison with an undefined time is false as well',
    ['atMs !== undefined', 'true'],
  ],
  [
    'src/manager.ts',
    'const earlier = id === undefined ? undefined : this.#roster.find(id);',
    'nobody is called undefined',
    ['id === undefined', 'false'],
  ],
  [
    'src/manager.ts',
    'if (limit === Number.POSITIVE_INFINITY) return;',
    'only saves the counting: there is no passing Infinity',
    ['limit === Number.POSITIVE_INFINITY', 'false'],
  ],
  [
    'src/manager.ts',
    'if (this.#watchers?.size === 0) this.#watchers = undefined;',
    'an empty set tells nobody',
    ['this.#watchers?.size === 0', 'false'],
  ],
  [
    'src/manager.ts',
    "if (this.#state === 'closed') return;",
    'each end is guarded by another one that is left',
    ["this.#state === 'closed'", 'false'],
    ["'closed'", '""'],
  ],
  [
    'src/telemetry/event-dispatcher.ts',
    "if (entry.name === 'hookError' && entry.event.hook === 'logger') return;",
    'no other event has a hook',
    ["entry.name === 'hookError'", 'true'],
  ],
  [
    'src/telemetry/event-dispatcher.ts',
    'if (isThenable(returned)) Promise.resolve(returned).then(undefined, failed);',
    'only saves a promise: what is none never rejects',
    ['isThenable(returned)', 'true'],
  ],
  [
    'src/admission/shutdown.ts',
    'for (const manager of this.#managers.slice(0, this.#told)) {',
    'the others are told in the next step anyway, and to be told twice is to be told once',
    ['this.#managers.slice(0, this.#told)', 'this.#managers'],
  ],
  [
    'src/admission/shutdown.ts',
    'const sockets = manager?.[kSockets]().length ?? 0;',
    'is there for the compiler: it cannot be undefined there, or comes to the same when it is',
    ['manager?.[kSockets]', 'manager[kSockets]'],
  ],
  [
    'src/admission/shutdown.ts',
    'manager?.[kBeginClose](this.#order());',
    'is there for the compiler: it cannot be undefined there, or comes to the same when it is',
    ['manager?.[kBeginClose]', 'manager[kBeginClose]'],
  ],
  [
    'src/admission/shutdown.ts',
    'if (this.#anterooms.length === 0) return;',
    'without anybody to wait for it is over at once',
    ['this.#anterooms.length === 0', 'false'],
  ],
  [
    'src/registry.ts',
    "if (manager.state !== 'open' || !this.#ledger.holds(manager)) return false;",
    'whoever is closing has a socket, and whoever is closed holds no slot',
    ["manager.state !== 'open'", 'false'],
  ],
  [
    'src/delivery/message-store.ts',
    'if (messages > 0) this.#messages.splice(0, messages);',
    'to take nothing out changes nothing',
    ['messages > 0', 'true'],
    ['messages > 0', 'messages >= 0'],
  ],
  [
    'src/delivery/message-store.ts',
    "if (typeof data === 'string') return Buffer.byteLength(data);",
    'only saves the copy that would be counted',
    ["typeof data === 'string'", 'false'],
    ["'string'", '""'],
  ],
  [
    'src/delivery/message-store.ts',
    'if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);',
    'a buffer that is made of it shows the same bytes',
    ['data instanceof ArrayBuffer || data instanceof SharedArrayBuffer', 'false'],
    [
      'data instanceof ArrayBuffer || data instanceof SharedArrayBuffer',
      'data instanceof ArrayBuffer && data instanceof SharedArrayBuffer',
    ],
  ],
  [
    'src/liveness/scheduled-removals.ts',
    'if (dueMs >= this.#timerDueMs || dueMs === Number.POSITIVE_INFINITY) return;',
    'only saves a timer that would be set anew for the same moment',
    ['dueMs >= this.#timerDueMs', 'false'],
    ['dueMs === Number.POSITIVE_INFINITY', 'false'],
    ['dueMs >= this.#timerDueMs', 'dueMs > this.#timerDueMs'],
    [
      'dueMs >= this.#timerDueMs || dueMs === Number.POSITIVE_INFINITY',
      'dueMs >= this.#timerDueMs && dueMs === Number.POSITIVE_INFINITY',
    ],
  ],
  [
    'src/internal/due-queue.ts',
    'if (last === undefined || last === entry) return;',
    'is there for the compiler: it cannot be undefined there, or comes to the same when it is',
    ['last === undefined', 'false'],
  ],
  [
    'src/internal/due-queue.ts',
    'if (place === 0 || parent === undefined || parent.dueMs <= entry.dueMs) return;',
    'only the first has no parent',
    ['parent === undefined', 'false'],
    ['place === 0 || parent === undefined', 'place === 0 && parent === undefined'],
  ],
  [
    'src/internal/due-queue.ts',
    'left !== undefined && right !== undefined && right.dueMs < left.dueMs ? right : left;',
    'whoever has a right child has a left one',
    ['left !== undefined', 'true'],
  ],
  [
    'src/telemetry/event-counters.ts',
    'if (kind !== undefined) counter.kinds.set(kind, (counter.kinds.get(kind) ?? 0) + number);',
    'of no kind nobody is told the number',
    ['kind !== undefined', 'true'],
  ],
  [
    'src/identity/isolation-key.ts',
    "if (!id.includes('%') && !id.includes(':')) return id;",
    'only saves the replacing of what is not there',
    ["!id.includes('%') && !id.includes(':')", 'false'],
  ],
];

export const equivalentsOfParts: readonly Equivalent[] = rows.map(
  ([file, at, reason, ...mutants]) => ({
    file,
    at,
    reason,
    mutants: mutants.map(([from, to]) => ({ from, to })),
  }),
);
