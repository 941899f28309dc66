/** What the audit finds in a registry with faults. A registry never has any, so the tests make the state that it is shown. */
import { describe, expect, test } from 'vitest';
import { UserSlots } from '../../../src/admission/user-slots.ts';
import type { WebSocketManager } from '../../../src/manager.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { type AuditFinding, findFaults } from '../../../src/telemetry/audit.ts';
import { ada, manager, pending, type Shown, slotsOf, slotTableOf } from '../support/audited.ts';
import { contextOf } from '../support/bench.ts';

const options = resolveOptions({
  maxManagersPerUser: 2,
  maxManagers: 3,
  outboxMaxMessages: 10,
  outboxMaxBytes: 100,
  outboxMaxAgeMs: 5_000,
  sweepIntervalMs: 10_000,
});

function audit(...accounts: UserSlots<WebSocketManager>[]): readonly AuditFinding[] {
  return findFaults(slotTableOf(accounts), options);
}

const key = ada.isolationKey;

describe('audits', () => {
  test.each<[string, Shown]>([
    ['a manager with a connection', {}],
    ['an empty one that is scheduled', { connectionStates: [], scheduled: true }],
    ['an empty one that an upgrade has reserved', { connectionStates: [], reservations: 1 }],
    ['one that is closing', { state: 'closing', connectionStates: ['closing'] }],
    [
      'one with a full outbox',
      {
        connectionStates: ['closing'],
        queuedMessages: 10,
        queuedBytes: 100,
        queuedForMs: 44_900,
      },
    ],
  ])('the audit finds nothing wrong with %s', (_what, shown) => {
    expect(audit(slotsOf(manager(shown)))).toEqual([]);
  });

  test.each<[Shown, string, string, string]>([
    [{ state: 'closed' }, 'G4', 'a closed manager holds no slot', key],
    [
      { state: 'closing', connectionStates: [] },
      'G4',
      'a closing manager has a socket to wait for',
      key,
    ],
    [
      { connectionStates: [] },
      'G7',
      'exactly the empty managers are scheduled for removal',
      `${key}: 0 sockets, 0 reservations, scheduled false`,
    ],
    [
      { scheduled: true },
      'G7',
      'exactly the empty managers are scheduled for removal',
      `${key}: 1 sockets, 0 reservations, scheduled true`,
    ],
    [
      { connectionStates: [], reservations: 1, scheduled: true },
      'G7',
      'exactly the empty managers are scheduled for removal',
      `${key}: 0 sockets, 1 reservations, scheduled true`,
    ],
    [{ errorListeners: 0 }, 'G13', 'every socket has an error listener', key],
    [
      { connectionStates: ['closing'], queuedMessages: 11, queuedBytes: 1, queuedForMs: 0 },
      'G11',
      'an outbox keeps its bounds',
      `${key}: 11 messages, 1 bytes`,
    ],
    [
      { connectionStates: ['closing'], queuedMessages: 1, queuedBytes: 101, queuedForMs: 0 },
      'G11',
      'an outbox keeps its bounds',
      `${key}: 1 messages, 101 bytes`,
    ],
    [
      { state: 'closing', connectionStates: ['closing'], queuedMessages: 1, queuedForMs: 0 },
      'G11',
      'only an open manager has an outbox',
      `${key}: 1 messages, 0 bytes`,
    ],
    [
      { connectionStates: ['closing', 'open'], queuedMessages: 1, queuedForMs: 0 },
      'G11',
      'nothing waits for a connection that is there',
      `${key}: 1 messages, 0 bytes`,
    ],
  ])(
    'the audit of a manager with %j finds that %s is broken: %s',
    (shown, guarantee, check, detail) => {
      expect(audit(slotsOf(manager(shown)))).toEqual([{ guarantee, check, detail, userId: 'ada' }]);
    },
  );

  test('the audit finds messages that no sweep has cleared away', () => {
    const shown = { connectionStates: ['closing'], queuedMessages: 1, queuedForMs: 45_100 };

    expect(audit(slotsOf(manager(shown)))).toMatchObject([
      {
        guarantee: 'G8',
        check: 'the background sweep clears away what is too old',
        detail: expect.stringMatching(/: 1 messages, 0 bytes, 451\d\d(\.\d+)? ms old$/),
      },
    ]);
  });

  test('the audit finds a manager of another user', () => {
    const bob = contextOf('bob', 'tab-1');

    expect(audit(slotsOf(manager({}, bob)))).toEqual([
      {
        guarantee: 'G10',
        check: 'a manager is filed under its own user',
        detail: `${bob.isolationKey} under ada`,
        userId: 'ada',
      },
    ]);
  });

  test('the audit finds a manager that is filed under a wrong thread, and under two', () => {
    const userSlots = new UserSlots<WebSocketManager>('ada');
    const filed = manager();
    userSlots.add(manager({}, contextOf('ada', 'tab-2')));
    userSlots.add(filed);
    const { threadId: earlier } = ada;
    const moved = contextOf('ada', 'tab-3');
    Object.assign(filed, { context: moved, isolationKey: moved.isolationKey });
    const own = {
      guarantee: 'G3',
      check: 'a manager is found under its own thread',
      detail: moved.isolationKey,
      userId: 'ada',
    };

    expect(userSlots.find(earlier)).toBe(filed);
    expect(audit(userSlots)).toEqual([own]);

    userSlots.add(filed);
    const { size } = userSlots;
    expect(audit(userSlots).filter(({ guarantee }) => guarantee === 'G3')).toEqual([
      { guarantee: 'G3', check: 'a manager has one key', detail: `${size} keys`, userId: 'ada' },
    ]);
  });

  test('the audit finds a user above its limit, and a registry above its own', () => {
    const tabs = ['1', '2', '3', '4'].map((tab) => manager({}, contextOf('ada', tab)));
    expect(audit(slotsOf(...tabs.slice(0, 2)))).toEqual([]);

    expect(audit(slotsOf(...tabs))).toEqual([
      {
        guarantee: 'G4',
        check: 'the limit of a user is never passed',
        detail: '4 of 2',
        userId: 'ada',
      },
      { guarantee: 'G4', check: 'the total limit is never passed', detail: '4 of 3' },
    ]);
    expect(audit(slotsOf(...tabs.slice(0, 3)))).toHaveLength(1);
  });

  test('the audit finds a size that is not the sum', () => {
    expect(findFaults(slotTableOf([slotsOf(manager())], 2), options)).toEqual([
      {
        guarantee: 'G4',
        check: 'the size is the sum over the users',
        detail: 'size 2, users hold 1',
      },
    ]);
  });

  test('the audit finds an acquire that waits though there is room, or without a cleanup', () => {
    const userSlots = slotsOf(manager());
    const waiting = pending();
    userSlots.pendingAcquires.set(ada.threadId, waiting);
    expect(audit(userSlots)).toEqual([]);
    userSlots.queue.push(waiting);

    expect(audit(userSlots)).toEqual([
      {
        guarantee: 'G6',
        check: 'no acquire waits while there is room',
        detail: '1 wait, 1 held',
        userId: 'ada',
      },
      {
        guarantee: 'G16',
        check: 'an acquire that waits for room waits for a cleanup',
        detail: '1 wait',
        userId: 'ada',
      },
    ]);
    userSlots.emergencyRunning = true;
    const second = contextOf('ada', '2');
    userSlots.add(manager({}, second));
    expect(audit(userSlots)).toEqual([]);
  });

  test('the audit finds an eviction successor of a manager that is not there', () => {
    const userSlots = slotsOf(manager());
    const evictionSuccessor = pending();
    userSlots.pendingAcquires.set(ada.threadId, evictionSuccessor);
    for (const held of userSlots.managers.values())
      userSlots.evictionSuccessors.set(held, evictionSuccessor);
    expect(audit(userSlots)).toEqual([]);
    const gone = manager({}, contextOf('ada', 'gone'));
    userSlots.evictionSuccessors.set(gone, evictionSuccessor);

    expect(audit(userSlots)).toEqual([
      {
        guarantee: 'G16',
        check: 'an eviction successor waits for a manager that is there',
        detail: gone.isolationKey,
        userId: 'ada',
      },
    ]);
  });

  test('the audit of one user looks at no other user', () => {
    const wrong = slotsOf(manager({ state: 'closed' }));
    const slotTable = slotTableOf([wrong], 2);

    expect(findFaults(slotTable, options, 'ada')).toHaveLength(1);
    expect(findFaults(slotTable, options, 'bob')).toEqual([]);
    expect(findFaults(slotTable, options)).toHaveLength(2);
  });
});
