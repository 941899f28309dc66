/** How long a manager without connections lives. */
import { describe, expect, test } from 'vitest';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { sleep, until } from '../support/waiting.ts';

describe('the idle lifetime of a manager', () => {
  test('a manager goes after its grace when its last connection has gone', async () => {
    await using made = await bench({ reconnectGraceMs: 80 });
    const { registry } = made;
    const events = record(registry);
    const { socket, client } = await made.pair();
    const manager = await registry.acquire(contextOf('ada', 'tab-1'));
    manager.connect(socket);

    const idle = { count: 0, atMs: Number.NaN, goneAtMs: Number.NaN };
    registry.on('managerIdle', () => {
      Object.assign(idle, { count: registry.count('ada'), atMs: performance.now() });
    });
    registry.on('managerRemoved', () => {
      idle.goneAtMs = performance.now();
    });
    client.close();
    await until(() => registry.size === 0);

    expect(idle.count).toBe(1);
    expect(idle.goneAtMs - idle.atMs).toBeGreaterThan(60);
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

  test.each(['close', 'terminate'] as const)(
    'a manager goes when its client leaves by %s',
    async (way) => {
      await using made = await bench();
      const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
      const { socket, client } = await made.pair();
      manager.connect(socket);

      client[way]();

      await until(() => made.registry.size === 0);
      expect(made.registry.stats()).toMatchObject({ connectionsOpened: 1, connectionsClosed: 1 });
    },
  );

  test('a manager that never had a connection goes after the longer of the two graces', async () => {
    await using made = await bench({ birthGraceMs: 100, reconnectGraceMs: 20 });
    await made.registry.acquire(contextOf('ada', 'tab-1'));
    const startedAtMs = performance.now();

    await until(() => made.registry.size === 0);

    expect(performance.now() - startedAtMs).toBeGreaterThan(80);
  });

  test('a manager with a grace of 0 goes at once', async () => {
    await using made = await bench({ reconnectGraceMs: 0 });
    const manager = await made.connectClient('ada', 'tab-1');
    const [connection] = manager.connections.values();

    await connection?.release();

    expect(made.registry.size).toBe(0);
  });

  test('a manager keeps its other connection when one of them closes', async () => {
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
});
