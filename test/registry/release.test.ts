import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../../src/index.ts';
import { bench, contextOf, namesOf, once, record, sleep, until } from './support.ts';

describe('a manager', () => {
  test('goes after the grace when its last connection has gone', async () => {
    await using made = await bench({ reconnectGraceMs: 80 });
    const { registry } = made;
    const events = record(registry);
    const manager = await registry.acquire(contextOf('ada', 'tab-1'));
    const { socket, client } = await made.pair();
    manager.connect(socket);

    client.close();
    await until(() => namesOf(events).includes('managerIdle'));
    const idleAtMs = performance.now();

    expect(registry.count('ada')).toBe(1);
    await until(() => registry.size === 0);
    expect(performance.now() - idleAtMs).toBeGreaterThan(60);
    expect(namesOf(events)).toEqual([
      'managerCreated',
      'connectionOpened',
      'connectionClosed',
      'managerIdle',
      'managerClosing',
      'managerRemoved',
    ]);
    expect(events.at(-1)?.event).toMatchObject({ reason: 'idle', count: 0, limit: 20 });
    expect(events[3]?.event).toMatchObject({ count: 1 });
  });

  test.each(['close', 'terminate'] as const)('goes when its client leaves by %s', async (way) => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket, client } = await made.pair();
    manager.connect(socket);

    client[way]();

    await until(() => made.registry.size === 0);
    expect(made.registry.stats()).toMatchObject({ connectionsOpened: 1, connectionsClosed: 1 });
  });

  test('stays when somebody connects within the grace', async () => {
    await using made = await bench({ reconnectGraceMs: 80 });
    const manager = await made.tab('ada', 'tab-1');
    const [connection] = manager.connections.values();
    await connection?.release();
    await sleep(40);

    const again = await made.registry.acquire(contextOf('ada', 'tab-1'));
    again.connect((await made.pair()).socket);
    await sleep(100);

    expect(again).toBe(manager);
    expect(manager.state).toBe('open');
  });

  test('that never had a connection goes after the longer of the two graces', async () => {
    await using made = await bench({ birthGraceMs: 100, reconnectGraceMs: 20 });
    await made.registry.acquire(contextOf('ada', 'tab-1'));
    const startedAtMs = performance.now();

    await until(() => made.registry.size === 0);

    expect(performance.now() - startedAtMs).toBeGreaterThan(80);
  });

  test('with a grace of 0 goes at once', async () => {
    await using made = await bench({ reconnectGraceMs: 0 });
    const manager = await made.tab('ada', 'tab-1');
    const [connection] = manager.connections.values();

    await connection?.release();

    expect(made.registry.size).toBe(0);
  });

  test('keeps its other tab when one tab of the thread closes', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const [one, two] = [await made.pair(), await made.pair()];
    manager.connect(one.socket);
    const staying = manager.connect(two.socket);

    one.client.close();
    await until(() => manager.connections.size === 1);
    await sleep(100);

    expect(manager.state).toBe('open');
    expect(staying.state).toBe('open');
    expect(two.client.readyState).toBe(two.client.OPEN);
  });

  test('that is closed takes its sockets along, also those of mute peers', async () => {
    await using made = await bench();
    const manager = await made.tab('ada', 'tab-1');
    const { socket, peer } = await made.mute();
    const connection = manager.connect(socket);
    const ended = once(peer, 'end');

    await manager.close(4000, 'bye');

    await ended;
    expect(connection.state).toBe('closed');
    expect(connection.terminated).toBe(true);
    expect(made.registry.size).toBe(0);
    await manager.close();
  });

  test('refuses a code that may not be sent, and stays open', async () => {
    await using made = await bench();
    const manager = await made.tab('ada', 'tab-1');
    const [connection] = manager.connections.values();

    await expect(manager.close(1006)).rejects.toThrow(InvalidOptionError);
    await expect(connection?.release(1000, 'x'.repeat(124))).rejects.toThrow(InvalidOptionError);

    expect(manager.state).toBe('open');
    expect(connection?.state).toBe('open');
  });
});

describe('release', () => {
  test('removes an empty manager now, once', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(await made.registry.release(manager)).toBe(true);
    expect(await made.registry.release(manager)).toBe(false);
    expect(made.registry.stats()).toMatchObject({ managers: 0, managersRemoved: 1 });
  });

  test('leaves a manager that has a connection', async () => {
    await using made = await bench();
    const manager = await made.tab('ada', 'tab-1');

    expect(await made.registry.release(manager)).toBe(false);
    expect(manager.state).toBe('open');
  });

  test('of an old manager does not touch its successor', async () => {
    await using made = await bench();
    const first = await made.registry.acquire(contextOf('ada', 'tab-1'));
    await made.registry.release(first);
    const second = await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(await made.registry.release(first)).toBe(false);
    await first.close();

    expect(made.registry.managers()).toEqual([second]);
  });

  test('await using releases an empty manager and leaves a used one', async () => {
    await using made = await bench();
    {
      await using manager = await made.registry.acquire(contextOf('ada', 'empty'));
      expect(manager.state).toBe('open');
    }
    expect(made.registry.size).toBe(0);
    {
      await using manager = await made.registry.acquire(contextOf('ada', 'used'));
      manager.connect((await made.pair()).socket);
    }
    expect(made.registry.size).toBe(1);
  });
});

describe('a connection', () => {
  test('released twice closes once, and both calls settle', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket, client } = await made.pair();
    const connection = manager.connect(socket);
    const closed = once<number>(client, 'close');

    await Promise.all([connection.release(4001, 'done'), connection.release()]);

    expect(await closed).toBe(4001);
    expect(made.registry.stats().connectionsClosed).toBe(1);
    await connection.release();
  });

  test('with a mute peer is terminated after closeTimeoutMs', async () => {
    await using made = await bench({ closeTimeoutMs: 80 });
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const connection = manager.connect((await made.mute()).socket);

    const startedAtMs = performance.now();
    await connection.release();

    expect(performance.now() - startedAtMs).toBeGreaterThan(60);
    expect(performance.now() - startedAtMs).toBeLessThan(300);
    expect(connection.terminated).toBe(true);
  });

  test('is released by await using', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket } = await made.pair();
    {
      await using connection = manager.connect(socket);
      expect(connection.state).toBe('open');
    }
    expect(manager.connections.size).toBe(0);
  });

  test('with an error still releases itself, once', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket, peer } = await made.mute();
    manager.connect(socket);

    peer.write(Buffer.from([0xff, 0xff, 0xff]));

    await until(() => manager.connections.size === 0);
    expect(made.registry.stats().connectionsClosed).toBe(1);
  });
});

test('an acquire of an empty manager keeps it for somebody who is about to connect', async () => {
  await using made = await bench({ birthGraceMs: 100, reconnectGraceMs: 30 });
  const manager = await made.tab('ada', 'tab-1');
  await [...manager.connections.values()][0]?.release();
  await sleep(15);

  const again = await made.registry.acquire(contextOf('ada', 'tab-1'));
  await sleep(50);

  expect(again.state).toBe('open');
  await until(() => again.state === 'closed');
});

test('with no grace at all a manager is open when its acquire resolves', async () => {
  await using made = await bench({ birthGraceMs: 0, reconnectGraceMs: 0 });
  const { socket } = await made.pair();

  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));

  expect(manager.connect(socket).state).toBe('open');
});
