import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../../../src/index.ts';
import { bench, contextOf } from '../support/bench.ts';
import { once, until } from '../support/waiting.ts';

describe('closes of a manager', () => {
  test('a closed manager takes its sockets along, also those of mute peers', async () => {
    await using made = await bench();
    const manager = await made.connectClient('ada', 'tab-1');
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

  test('a manager refuses a close code that may not be sent, and stays open', async () => {
    await using made = await bench();
    const manager = await made.connectClient('ada', 'tab-1');
    const [connection] = manager.connections.values();

    await expect(manager.close(1006)).rejects.toThrow(InvalidOptionError);
    await expect(connection?.release(1000, 'x'.repeat(124))).rejects.toThrow(InvalidOptionError);

    expect(manager.state).toBe('open');
    expect(connection?.state).toBe('open');
  });
});

describe('releases of a manager', () => {
  test('a release removes an empty manager now, once', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(await made.registry.release(manager)).toBe(true);
    expect(await made.registry.release(manager)).toBe(false);
    expect(made.registry.stats()).toMatchObject({ managers: 0, managersRemoved: 1 });
  });

  test('a release leaves a manager that has a connection', async () => {
    await using made = await bench();
    const manager = await made.connectClient('ada', 'tab-1');

    expect(await made.registry.release(manager)).toBe(false);
    expect(manager.state).toBe('open');
  });

  test('a release of an old manager does not touch its successor', async () => {
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

describe('releases of a connection', () => {
  test('a connection released twice closes once, and both calls settle', async () => {
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

  test('a released connection with a mute peer is terminated after closeTimeoutMs', async () => {
    await using made = await bench({ closeTimeoutMs: 80 });
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const connection = manager.connect((await made.mute()).socket);

    const startedAtMs = performance.now();
    await connection.release();

    expect(performance.now() - startedAtMs).toBeGreaterThan(60);
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
    expect(connection.terminated).toBe(true);
  });

  test('a connection is released by await using', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket } = await made.pair();
    {
      await using connection = manager.connect(socket);
      expect(connection.state).toBe('open');
    }
    expect(manager.connections.size).toBe(0);
  });

  test('a connection whose socket fails releases itself, once', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const { socket, peer } = await made.mute();
    manager.connect(socket);

    peer.write(Buffer.from([0xff, 0xff, 0xff]));

    await until(() => manager.connections.size === 0);
    expect(made.registry.stats().connectionsClosed).toBe(1);
  });
});
