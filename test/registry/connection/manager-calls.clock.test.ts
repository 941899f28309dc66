/** Calls of a registry and a manager that are easily got wrong: twice, too late, with nothing, with a stranger's handle. */
import { describe, expect, test, vi } from 'vitest';
import { type WebSocketManager, WebSocketManagerRegistry } from '../../../src/index.ts';
import { kWatch } from '../../../src/internal/symbols.ts';
import { contextOf } from '../support/bench.ts';
import { clockBench, connect } from '../support/clock.ts';

describe('the managers of a registry', () => {
  test('the managers of a registry are listed by user, oldest first, and for all users', async () => {
    using made = clockBench();
    const one = await made.manager('ada', 'one');
    const other = await made.manager('ada', 'other');
    const third = await made.manager('bob', 'third');

    expect(made.registry.managers('ada')).toEqual([one, other]);
    expect(made.registry.managers('bob')).toEqual([third]);
    expect(made.registry.managers('absent-1')).toEqual([]);
    expect(made.registry.managers()).toEqual([one, other, third]);
  });
});

describe('releases of a manager', () => {
  test('a release with null as options is one without a context', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');

    expect(await made.registry.release(manager, null as never)).toBe(true);
    expect(await made.registry.release(undefined as never)).toBe(false);
  });

  test('a release with a misspelt option is refused, and changes nothing', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');

    await expect(made.registry.release(manager, { contxt: undefined } as never)).rejects.toThrow(
      'ReleaseOptions has no contxt, did you mean context?',
    );
    expect(manager.state).toBe('open');
  });

  test('a release of a manager that is being closed does nothing', async () => {
    using made = clockBench();
    const { manager } = await made.connectClient('ada', 'tab-1', { closes: false });
    void manager.close();

    expect(await made.registry.release(manager)).toBe(false);
    expect(manager.state).toBe('closing');
  });
});

describe('managers', () => {
  test('a manager that is gone may still be closed', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    await made.registry.release(manager);

    await manager.close();
    await manager[Symbol.asyncDispose]();

    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'released' }]);
    expect(made.eventsNamed('managerClosing')).toHaveLength(1);
  });

  test('a manager whose sockets close during its close is removed once', async () => {
    using made = clockBench();
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    socket.close = (code: number, text: string) => socket.gone(code, text);

    await manager.close();

    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'closed', count: 0 }]);
    expect(made.registry.size).toBe(0);
  });

  test('a manager tells each watcher of what its peers do until that watcher stops', async () => {
    using made = clockBench();
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    const [one, other] = [vi.fn(), vi.fn()];
    const stopOne = manager[kWatch](one);
    const stopOther = manager[kWatch](other);
    socket.says('first');
    stopOne();
    socket.says('second');
    stopOther();
    stopOther();
    stopOne();
    socket.says('third');

    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 2]);
    const again = vi.fn();
    manager[kWatch](again);
    socket.says('fourth');
    expect(again).toHaveBeenCalledOnce();
  });
});

test('a registry without managers has no timer', async () => {
  using made = clockBench();
  const before = vi.getTimerCount();
  const { manager, socket } = await made.connectClient('ada', 'tab-1', { pongs: false });
  await made.pass(35_000);
  expect(socket.pingedAtMs.length).toBeGreaterThan(0);

  socket.gone(1001, '');
  await made.registry.release(manager);

  expect(vi.getTimerCount()).toBe(before);
});

test('a registry whose last manager has gone by itself has no timer', async () => {
  using made = clockBench();
  const before = vi.getTimerCount();
  await made.manager('ada', 'tab-1');
  await made.manager('bob', 'tab-1');
  await made.pass(30_000);

  expect(made.registry.size).toBe(0);
  expect(vi.getTimerCount()).toBe(before);
});

test('a socket that has a manager is refused to another, and the error says so', async () => {
  using made = clockBench();
  const { socket } = await made.connectClient('ada', 'tab-1');
  const other = await made.manager('bob', 'tab-1');

  expect(() => connect(other, socket)).toThrow(
    expect.objectContaining({
      code: 'ERR_LEAKTIGHT_SOCKET_IN_USE',
      message: expect.stringContaining('already'),
    }),
  );
});

describe('managers of another registry', () => {
  test('a manager of another registry is not released, whatever the registry has under the same key', async () => {
    using made = clockBench();
    const other = new WebSocketManagerRegistry();
    const manager = await made.manager('ada', 'tab-1');
    expect([made.registry.size, other.size]).toEqual([1, 0]);
    const namesake = await other.acquire(contextOf('ada', 'tab-1'));

    expect(await other.release(manager)).toBe(false);
    expect(await made.registry.release(namesake)).toBe(false);

    expect([manager.state, namesake.state]).toEqual(['open', 'open']);
    expect(await other.release(namesake)).toBe(true);
  });
});

test('a release of what is no manager returns false', async () => {
  const registry = new WebSocketManagerRegistry();

  for (const odd of [undefined, null, {}, 'ada']) {
    expect(await registry.release(odd as unknown as WebSocketManager)).toBe(false);
  }
});
