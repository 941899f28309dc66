import { describe, expect, test } from 'vitest';
import {
  ConnectionLimitError,
  IsolationError,
  ManagerClosedError,
  ManagerLimitError,
  RegistryClosedError,
  UserExecutionContext,
} from '../../src/index.ts';
import { bench, contextOf, namesOf, once, record, until } from './support.ts';

describe('acquire', () => {
  test('a hundred concurrent calls for one key get one manager', async () => {
    await using made = await bench();
    const { registry } = made;

    const managers = await Promise.all(
      Array.from({ length: 100 }, () => registry.acquire(contextOf('ada', 'tab-1'))),
    );

    expect(new Set(managers).size).toBe(1);
    expect(registry.count('ada')).toBe(1);
    expect(registry.size).toBe(1);
    expect(registry.get(contextOf('ada', 'tab-1'))).toBe(managers[0]);
    expect(registry.stats().managersCreated).toBe(1);
  });

  test('fifty parallel calls for fifty keys end at the limit, each refusal counted once', async () => {
    await using made = await bench({ birthGraceMs: 10_000 });
    const { registry } = made;
    const events = record(registry);

    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => registry.acquire(contextOf('ada', `tab-${index}`))),
    );

    const refused = results.filter((result) => result.status === 'rejected');
    expect(registry.count('ada')).toBe(20);
    expect(refused).toHaveLength(30);
    expect(new Set(refused.map(({ reason }) => reason)).size).toBe(30);
    expect(namesOf(events).filter((name) => name === 'limitReached')).toHaveLength(30);
    expect(namesOf(events).filter((name) => name === 'cleanupFinished')).toHaveLength(2);
    expect(refused[0]?.reason).toBeInstanceOf(ManagerLimitError);
    expect(refused[0]?.reason).toMatchObject({
      code: 'ERR_LEAKTIGHT_MANAGER_LIMIT',
      userId: 'ada',
      count: 20,
      limit: 20,
      removed: 0,
    });
    // What is left of the cooldown of 200 ms.
    expect(refused[0]?.reason.retryAfterMs).toBeGreaterThan(0);
    expect(refused[0]?.reason.retryAfterMs).toBeLessThanOrEqual(200);
    expect(registry.audit()).toEqual([]);
  });

  test('one refused key that was asked for ten times is refused ten times', async () => {
    await using made = await bench({ maxManagersPerUser: 1 });
    const { registry } = made;
    await registry.acquire(contextOf('ada', 'tab-1'));

    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => registry.acquire(contextOf('ada', 'tab-2'))),
    );

    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(registry.stats().limitsReached).toBe(10);
  });

  test('the limit is per user', async () => {
    await using made = await bench({ maxManagersPerUser: 1 });
    const { registry } = made;

    await registry.acquire(contextOf('ada', 'tab-1'));
    await registry.acquire(contextOf('bob', 'tab-1'));

    expect(registry.size).toBe(2);
  });

  test('the total limit refuses at once, whoever asks', async () => {
    await using made = await bench({ maxManagers: 1 });
    const { registry } = made;
    await registry.acquire(contextOf('ada', 'tab-1'));

    await expect(registry.acquire(contextOf('bob', 'tab-1'))).rejects.toMatchObject({
      code: 'ERR_LEAKTIGHT_TOTAL_LIMIT',
      count: 1,
      limit: 1,
    });
    expect(registry.stats().limitsReached).toBe(1);
  });

  test('a key that is closing is handed out only after its last socket is destroyed', async () => {
    await using made = await bench();
    const { registry } = made;
    const first = await made.muteTab('ada', 'tab-1');

    const closed = first.close();
    const second = registry.acquire(contextOf('ada', 'tab-1'));

    expect(first.state).toBe('closing');
    expect(registry.get(contextOf('ada', 'tab-1'))).toBeUndefined();
    expect(registry.count('ada')).toBe(1);
    const successor = await second;
    expect(first.state).toBe('closed');
    expect(successor).not.toBe(first);
    expect(registry.managers('ada')).toEqual([successor]);
    await closed;
    expect(registry.managers('ada')).toEqual([successor]);
  });

  test('a mute peer delays the successor of its key no longer than closeTimeoutMs', async () => {
    await using made = await bench({ closeTimeoutMs: 100 });
    const first = await made.muteTab('ada', 'tab-1');
    void first.close();

    const startedAtMs = performance.now();
    await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(performance.now() - startedAtMs).toBeGreaterThan(80);
    expect(performance.now() - startedAtMs).toBeLessThan(400);
  });

  test('a closing manager counts against the limit', async () => {
    await using made = await bench({ maxManagersPerUser: 1, closeTimeoutMs: 100 });
    const { registry } = made;
    const first = await made.muteTab('ada', 'tab-1');
    void first.close();

    const second = await registry.acquire(contextOf('ada', 'tab-2'));

    expect(first.state).toBe('closed');
    expect(registry.managers('ada')).toEqual([second]);
  });

  test('two registries in one process know nothing of each other', async () => {
    await using one = await bench();
    await using other = await bench();

    const manager = await one.registry.acquire(contextOf('ada', 'tab-1'));

    expect(other.registry.size).toBe(0);
    expect(await other.registry.release(manager)).toBe(false);
    expect(one.registry.size).toBe(1);
  });
});

describe('connect', () => {
  test('a context of another user or thread throws and changes nothing', async () => {
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

  test('a manager that is not open takes nobody', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket } = await made.pair();
    await manager.close();

    expect(() => manager.connect(socket)).toThrow(ManagerClosedError);
    expect(socket.readyState).toBe(socket.OPEN);
  });

  test('a socket that is closed or has a manager already is refused', async () => {
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

  test('or is refused, by option', async () => {
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

test('send reaches every open connection of the manager and no other', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const bystander = await made.registry.acquire(contextOf('bob', 'tab-1'));
  const [one, two, other] = [await made.pair(), await made.pair(), await made.pair()];
  manager.connect(one.socket);
  manager.connect(two.socket);
  bystander.connect(other.socket);
  let strayed = 0;
  other.client.on('message', () => {
    strayed += 1;
  });
  const received = [once(one.client, 'message'), once(two.client, 'message')];

  const sent = manager.send('hello');

  expect(sent).toBe(2);
  expect((await Promise.all(received)).map(String)).toEqual(['hello', 'hello']);
  expect(strayed).toBe(0);
});

test("a claimed thread of somebody else gives a manager of one's own", async () => {
  await using made = await bench();
  const owner = contextOf('ada', 'tab-1');
  const thief = UserExecutionContext.fromWebSocketRequest({
    userId: 'eve',
    threadId: owner.threadId,
  });

  const [mine, theirs] = await Promise.all([
    made.registry.acquire(owner),
    made.registry.acquire(thief),
  ]);

  expect(mine).not.toBe(theirs);
});

test('after shutdown nobody is taken in', async () => {
  await using made = await bench();
  await made.registry.shutdown();

  await expect(made.registry.acquire(contextOf('ada', 'tab-1'))).rejects.toThrow(
    RegistryClosedError,
  );
  expect(made.registry.size).toBe(0);
});
