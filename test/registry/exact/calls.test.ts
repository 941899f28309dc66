/** Calls of a registry and a manager that are easily got wrong: twice, too late, with nothing, of somebody else. */
import { describe, expect, test, vi } from 'vitest';
import { kWatch } from '../../../src/internal/symbols.ts';
import { afterPoll } from '../../../src/liveness/after-poll.ts';
import { Sweep } from '../../../src/liveness/sweep.ts';
import { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';
import { connect, exact, FakeSocket } from './support.ts';

describe('the managers of a registry', () => {
  test('are told by user, oldest first, and of all', async () => {
    using made = exact();
    const one = await made.manager('ada', 'one');
    const other = await made.manager('ada', 'other');
    const third = await made.manager('bob', 'third');

    expect(made.registry.managers('ada')).toEqual([one, other]);
    expect(made.registry.managers('bob')).toEqual([third]);
    expect(made.registry.managers('nobody-1')).toEqual([]);
    expect(made.registry.managers()).toEqual([one, other, third]);
  });
});

describe('a release', () => {
  test('with nothing instead of options is one without a context', async () => {
    using made = exact();
    const manager = await made.manager('ada', 'tab-1');

    expect(await made.registry.release(manager, null as never)).toBe(true);
    expect(await made.registry.release(undefined as never)).toBe(false);
  });

  test('with a misspelt option is refused, and changes nothing', async () => {
    using made = exact();
    const manager = await made.manager('ada', 'tab-1');

    await expect(made.registry.release(manager, { contxt: undefined } as never)).rejects.toThrow(
      'ReleaseOptions has no contxt, did you mean context?',
    );
    expect(manager.state).toBe('open');
  });

  test('of a manager that is being closed does nothing', async () => {
    using made = exact();
    const { manager } = await made.tab('ada', 'tab-1', { closes: false });
    void manager.close();

    expect(await made.registry.release(manager)).toBe(false);
    expect(manager.state).toBe('closing');
  });
});

describe('a manager', () => {
  test('that went without anybody waiting may still be closed', async () => {
    using made = exact();
    const manager = await made.manager('ada', 'tab-1');
    await made.registry.release(manager);

    await manager.close();
    await manager[Symbol.asyncDispose]();

    expect(made.told('managerRemoved')).toMatchObject([{ reason: 'released' }]);
    expect(made.told('managerClosing')).toHaveLength(1);
  });

  test('whose sockets close while they are told to is removed once', async () => {
    using made = exact();
    const { manager, socket } = await made.tab('ada', 'tab-1');
    socket.close = (code: number, text: string) => socket.gone(code, text);

    await manager.close();

    expect(made.told('managerRemoved')).toMatchObject([{ reason: 'closed', count: 0 }]);
    expect(made.registry.size).toBe(0);
  });

  test('sends to the others when one socket fails, and reports that', async () => {
    using made = exact();
    const { manager, socket } = await made.tab('ada', 'tab-1');
    const other = new FakeSocket();
    connect(manager, other);
    socket.send = () => {
      throw new Error('boom');
    };

    expect(manager.send('hello')).toBe(1);

    expect(other.sent).toEqual(['hello']);
    expect(made.told('hookError')).toStrictEqual([
      { hook: 'socket', error: new Error('boom'), userId: 'ada' },
    ]);
  });

  test.each([undefined, null])('refuses to send %s, whoever is connected', async (nothing) => {
    using made = exact();
    const { manager, connection, socket } = await made.tab('ada', 'tab-1');
    const alone = await made.manager('ada', 'tab-2');
    const told = `data must be something that ws can send, got ${nothing}`;

    expect(() => manager.send(nothing as never)).toThrow(new TypeError(told));
    expect(() => alone.send(nothing as never)).toThrow(new TypeError(told));
    expect(() => connection.send(nothing as never)).toThrow(new TypeError(told));
    expect(socket.sent).toEqual([]);
    expect(alone.queuedMessages).toBe(0);
  });

  test('refuses an option that it does not know, and nothing is sent', async () => {
    using made = exact();
    const { manager, socket } = await made.tab('ada', 'tab-1');

    expect(() => manager.send('hello', { contxt: undefined } as never)).toThrow(
      'SendOptions has no contxt, did you mean context?',
    );
    expect(manager.send('hello', null as never)).toBe(1);
    expect(socket.sent).toEqual(['hello']);
  });

  test('tells its caller when nobody could be sent it', async () => {
    using made = exact();
    const { manager, socket } = await made.tab('ada', 'tab-1');
    socket.send = () => {
      throw new TypeError('boom');
    };

    expect(() => manager.send('hello')).toThrow(new TypeError('boom'));
    expect(manager.queuedMessages).toBe(0);
  });

  test('tells each watcher of what its peers do until that one has enough', async () => {
    using made = exact();
    const { manager, socket } = await made.tab('ada', 'tab-1');
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

test('a registry with nobody in it has no timer', async () => {
  using made = exact();
  const before = vi.getTimerCount();
  const { manager, socket } = await made.tab('ada', 'tab-1', { pongs: false });
  await made.pass(35_000);
  expect(socket.pingedAtMs.length).toBeGreaterThan(0);

  socket.gone(1001, '');
  await made.registry.release(manager);

  expect(vi.getTimerCount()).toBe(before);
});

test('a registry whose last manager has gone by itself has no timer', async () => {
  using made = exact();
  const before = vi.getTimerCount();
  await made.manager('ada', 'tab-1');
  await made.manager('bob', 'tab-1');
  await made.pass(30_000);

  expect(made.registry.size).toBe(0);
  expect(vi.getTimerCount()).toBe(before);
});

test('a sweep that is started twice is one, and one that is stopped is none', async () => {
  using made = exact();
  const managers = vi.fn(() => 0);
  const nothing = (): number => 0;
  const dispatcher = new EventDispatcher(made.registry, undefined);
  const sweep = new Sweep(1_000, dispatcher, { managers, messages: nothing, accounts: nothing });
  sweep.start();
  sweep.start();
  await made.pass(1_000);
  expect(managers).toHaveBeenCalledOnce();
  sweep.stop();
  await made.pass(10_000);

  expect(managers).toHaveBeenCalledOnce();
});

test('silence that is judged after the poll is not judged once that is called off', async () => {
  using made = exact();
  const [judged, early, late] = [vi.fn(), vi.fn(), vi.fn()];
  afterPoll(judged);
  afterPoll(early)();
  const callOff = afterPoll(late);
  await made.pass(0);
  callOff();
  await made.pass(10);

  expect(judged).toHaveBeenCalledOnce();
  expect(early).not.toHaveBeenCalled();
  expect(late).not.toHaveBeenCalled();
});

test('a socket that has a manager is refused to another, which says so', async () => {
  using made = exact();
  const { socket } = await made.tab('ada', 'tab-1');
  const other = await made.manager('bob', 'tab-1');

  expect(() => connect(other, socket)).toThrow(
    expect.objectContaining({
      code: 'ERR_LEAKTIGHT_SOCKET_IN_USE',
      message: expect.stringContaining('already'),
    }),
  );
});
