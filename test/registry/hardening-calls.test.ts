/** Calls at an awkward moment or with the wrong arguments. */
import http from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { SlotTable } from '../../src/admission/slot-table.ts';
import {
  type AttachOptions,
  attach,
  InvalidContextError,
  InvalidOptionError,
  LeaktightError,
  type RegistryOptions,
  UserExecutionContext,
  type WebSocketManager,
  WebSocketManagerRegistry,
} from '../../src/index.ts';
import { bench, contextOf, namesOf, record, sleep, until } from './support.ts';

const graceless: RegistryOptions = {
  maxManagersPerUser: 3,
  birthGraceMs: 0,
  reconnectGraceMs: 0,
  emergencyCooldownMs: 10_000,
  emergencyDeadlineMs: 100,
};

test.each([
  ['without a birth grace', { birthGraceMs: 0 }],
  ['without any grace', { birthGraceMs: 0, reconnectGraceMs: 0 }],
  [
    'without any grace, evicting',
    { birthGraceMs: 0, reconnectGraceMs: 0, onLimit: 'replace-least-recent' },
  ],
] as const)('a manager is open when its acquire resolves, %s', async (_, options) => {
  const registry = new WebSocketManagerRegistry({ ...graceless, ...options });
  const states: string[] = [];

  for (let round = 0; round < 2; round += 1) {
    // The second round finds the user full and within the cooldown.
    await Promise.allSettled(
      Array.from({ length: 40 }, async (_, client) => {
        const manager = await registry.acquire(contextOf('ada', `${round}-${client}`));
        states.push(manager.state);
      }),
    );
    await sleep(30);
  }

  expect(new Set(states)).toEqual(new Set(['open']));
  expect(registry.audit()).toEqual([]);
  await registry.shutdown({ drainMs: 0 });
});

test('a manager stays open until its caller goes on, however long the turn lasts', async () => {
  const registry = new WebSocketManagerRegistry({ ...graceless, maxManagersPerUser: 1 });
  await registry.acquire(contextOf('ada', 'full'));
  await registry.acquire(contextOf('ada', 'refused')).catch(() => {});
  await until(() => registry.size === 0);

  const first = registry.acquire(contextOf('ada', 'first'));
  const endMs = performance.now() + 40;
  while (performance.now() < endMs);
  registry.sweep();
  const second = registry.acquire(contextOf('ada', 'second'));

  expect((await first).state).toBe('open');
  await expect(second).rejects.toMatchObject({ code: 'ERR_LEAKTIGHT_MANAGER_LIMIT' });
  await registry.shutdown({ drainMs: 0 });
});

test('a manager that nobody connects to goes soon, without any grace', async () => {
  const registry = new WebSocketManagerRegistry(graceless);
  await registry.acquire(contextOf('ada', 'tab-1'));

  await until(() => registry.size === 0);
});

test('an acquire again puts the end of an empty manager off, without any grace', async () => {
  const registry = new WebSocketManagerRegistry(graceless);
  const context = contextOf('ada', 'tab-1');
  const manager = await registry.acquire(context);

  const endMs = performance.now() + 40;
  while (performance.now() < endMs);
  const again = registry.acquire(context);
  await again;
  await Promise.resolve();

  expect(await again).toBe(manager);
  expect(manager.state).toBe('open');
  await registry.shutdown({ drainMs: 0 });
});

test('a listener to cleanupStarted that asks for a cleanup joins the one that starts', async () => {
  await using made = await bench();
  const { registry } = made;
  await made.tab('ada', 'tab-1');
  registry.on('cleanupStarted', ({ userId }) => {
    if (registry.stats().cleanupsStarted.requested < 5) void registry.cleanup(userId);
  });

  await registry.cleanup('ada');

  expect(registry.stats().cleanupsStarted.requested).toBe(1);
});

test('a user in a long cooldown keeps no other user in memory', async () => {
  const slotTable = new SlotTable({ filled: () => {}, emptied: () => {} });
  const nowMs = performance.now();
  const long = slotTable.userSlots('long');
  long.emergencyCooldownUntilMs = nowMs + 60_000;
  slotTable.settle(long);
  for (const userId of ['ada', 'bob']) {
    const userSlots = slotTable.userSlots(userId);
    userSlots.proactiveCooldownUntilMs = nowMs + 10;
    slotTable.settle(userSlots);
  }
  await sleep(20);

  expect(slotTable.dropCooledDown()).toBe(2);
  expect(slotTable.allUserSlots()).toEqual([long]);
});

test('a user whose cooldown got longer meanwhile is kept for it', async () => {
  const slotTable = new SlotTable({ filled: () => {}, emptied: () => {} });
  const userSlots = slotTable.userSlots('ada');
  userSlots.proactiveCooldownUntilMs = performance.now() + 10;
  slotTable.settle(userSlots);
  userSlots.emergencyCooldownUntilMs = performance.now() + 60;
  await sleep(20);

  expect(slotTable.dropCooledDown()).toBe(0);
  await sleep(60);
  expect(slotTable.dropCooledDown()).toBe(1);
  expect(slotTable.allUserSlots()).toEqual([]);
});

test('what is no WebSocket is refused before anything else is touched', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const { socket } = await made.pair();
  const connection = manager.connect(socket, { connectionId: 'one' });
  const events = record(made.registry);

  for (const odd of [{}, undefined, null, 5, { readyState: 1, OPEN: 1 }]) {
    const connect = () => manager.connect(odd as never, { connectionId: 'one' });
    expect(connect).toThrow(LeaktightError);
    expect(connect).toThrow(/WebSocket/);
  }

  expect(connection.state).toBe('open');
  expect([...manager.connections.values()]).toEqual([connection]);
  await nextTurn();
  expect(namesOf(events)).toEqual([]);
});

test('a release of what is no manager is false', async () => {
  const registry = new WebSocketManagerRegistry();

  for (const odd of [undefined, null, {}, 'ada']) {
    expect(await registry.release(odd as unknown as WebSocketManager)).toBe(false);
  }
});

test('wrong arguments are refused by name', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const { socket } = await made.pair();
  const good = {
    server: http.createServer(),
    webSocketServer: new WebSocketServer({ noServer: true }),
    authenticate: () => null,
  };
  const attachTo = (registry: unknown, change: object = {}) =>
    attach(registry as WebSocketManagerRegistry, { ...good, ...change } as AttachOptions);
  const contextFrom = (request: unknown) =>
    UserExecutionContext.fromWebSocketRequest({ userId: 'ada', request } as never);

  expect(() => attachTo(made.registry, { path: Symbol('p') })).toThrow(InvalidOptionError);
  for (const odd of [undefined, null, {}, 5]) {
    expect(() => attachTo(odd)).toThrow(/registry must be a WebSocketManagerRegistry/);
  }
  for (const odd of [null, 5, { url: 5 }, { socket: { remoteAddress: 5 } }]) {
    expect(() => contextFrom(odd)).toThrow(InvalidContextError);
  }
  expect(() => manager.connect(socket, null as never)).toThrow(InvalidOptionError);
  await expect(manager.close(Symbol('c') as never)).rejects.toThrow(InvalidOptionError);
  await expect(manager.close(1000n as never)).rejects.toThrow(InvalidOptionError);
  expect(manager.state).toBe('open');
  expect(good.server.listenerCount('upgrade')).toBe(0);
});
