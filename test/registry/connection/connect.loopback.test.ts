import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  ConnectionLimitError,
  IsolationError,
  LeaktightError,
  ManagerClosedError,
} from '../../../src/index.ts';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { once, until } from '../support/waiting.ts';

describe('connect', () => {
  test('connect with a context of another user or thread throws and changes nothing', async () => {
    await using made = await bench();
    const { registry } = made;
    const events = record(registry);
    const manager = await registry.acquire(contextOf('ada', 'tab-1'));
    const { socket } = await made.pair();

    expect(() => manager.connect(socket, { context: contextOf('bob', 'tab-1') })).toThrow(
      IsolationError,
    );
    expect(() => manager.connect(socket, { context: contextOf('ada', 'tab-2') })).toThrow(
      IsolationError,
    );

    expect(manager.connections.size).toBe(0);
    expect(socket.readyState).toBe(socket.OPEN);
    expect(registry.stats().securityViolations).toBe(2);
    expect(events.at(-1)).toMatchObject({
      name: 'securityViolation',
      event: { userId: 'ada', offenderUserId: 'ada', kind: 'foreign-context', count: 1, limit: 20 },
    });
    expect(manager.connect(socket, { context: contextOf('ada', 'tab-1') }).state).toBe('open');
  });

  test('connect to a manager that is not open is refused', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket } = await made.pair();
    await manager.close();

    expect(() => manager.connect(socket)).toThrow(ManagerClosedError);
    expect(socket.readyState).toBe(socket.OPEN);
  });

  test('connect refuses a socket that is closed or has a manager already', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket } = await made.pair();
    const gone = await made.pair();
    gone.socket.terminate();

    manager.connect(socket);

    expect(() => manager.connect(socket)).toThrow(
      expect.objectContaining({ code: 'ERR_LEAKTIGHT_SOCKET_IN_USE' }),
    );
    expect(() => manager.connect(gone.socket)).toThrow(
      expect.objectContaining({ code: 'ERR_LEAKTIGHT_SOCKET_NOT_OPEN' }),
    );
    expect(manager.connections.size).toBe(1);
  });

  test('a second connection with an id in use closes the first with 4409', async () => {
    await using made = await bench();
    const events = record(made.registry);
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const first = await made.pair();
    const second = await made.pair();
    const closed = once<number>(first.client, 'close');

    manager.connect(first.socket, { connectionId: 'c-1' });
    const connection = manager.connect(second.socket, { connectionId: 'c-1' });

    expect(await closed).toBe(4409);
    await until(() => namesOf(events).includes('connectionClosed'));
    expect(namesOf(events)).toContain('connectionReplaced');
    expect([...manager.connections.values()]).toEqual([connection]);
    expect(connection.state).toBe('open');
    expect(made.registry.audit()).toEqual([]);
  });

  test('a replaced connection with a mute peer holds the slot until it is destroyed', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    manager.connect((await made.mute()).socket, { connectionId: 'c-1' });
    const second = manager.connect((await made.pair()).socket, { connectionId: 'c-1' });

    await second.release();

    expect(manager.state).toBe('open');
    expect(made.registry.stats()).toMatchObject({ connections: 1, managersIdle: 0 });
    await until(() => made.registry.size === 0);
    expect(made.registry.stats().connections).toBe(0);
  });

  test('a second connection with an id in use is refused, by option', async () => {
    await using made = await bench({ duplicateConnection: 'refuse' });
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const first = manager.connect((await made.pair()).socket, { connectionId: 'c-1' });
    const { socket } = await made.pair();

    expect(() => manager.connect(socket, { connectionId: 'c-1' })).toThrow(
      expect.objectContaining({ code: 'ERR_LEAKTIGHT_DUPLICATE_CONNECTION' }),
    );

    expect(first.state).toBe('open');
    expect(made.registry.stats().connectionsRefused).toBe(1);
  });

  test('connections beyond maxConnectionsPerManager are refused', async () => {
    await using made = await bench({ maxConnectionsPerManager: 1 });
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    manager.connect((await made.pair()).socket, { connectionId: 'c-1' });
    const extra = await made.pair();
    const again = await made.pair();

    expect(() => manager.connect(extra.socket)).toThrow(ConnectionLimitError);
    expect(manager.connect(again.socket, { connectionId: 'c-1' }).state).toBe('open');
    expect(made.registry.stats()).toMatchObject({ connectionsRefused: 1, limitsReached: 0 });
  });
});

test('connect refuses what is no WebSocket before anything else is touched', async () => {
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
