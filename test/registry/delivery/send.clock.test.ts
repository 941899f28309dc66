import { describe, expect, test } from 'vitest';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

describe('send', () => {
  test('a message goes to every open connection, and to none that is closing', async () => {
    using made = clockBench();
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    const other = new FakeSocket({ closes: false });
    const leaving = connect(manager, other);
    void leaving.release();

    expect(manager.send('hello')).toBe(1);

    expect(socket.sent).toEqual(['hello']);
    expect(other.sent).toEqual([]);
    expect(leaving.send('psst')).toBe(false);
  });

  test('a send that fails for all connections throws, and one that fails for some is reported', async () => {
    using made = clockBench();
    const { manager, socket } = await made.connectClient('ada', 'tab-1');
    socket.send = () => {
      throw new TypeError('cannot be sent');
    };

    expect(() => manager.send('x')).toThrow(new TypeError('cannot be sent'));
    expect(made.eventsNamed('hookError')).toEqual([]);
    expect(manager.queuedMessages).toBe(0);
    const other = new FakeSocket();
    connect(manager, other);
    expect(manager.send('x')).toBe(1);

    expect(other.sent).toEqual(['x']);
    expect(made.eventsNamed('hookError')).toStrictEqual([
      { hook: 'socket', error: new TypeError('cannot be sent'), userId: 'ada' },
    ]);
  });

  test('a message to a closing manager is dropped, and that is told', async () => {
    using made = clockBench();
    const { manager } = await made.connectClient('ada', 'tab-1');
    void manager.close();

    expect(manager.send('late')).toBe(0);

    expect(made.eventsNamed('messagesDropped')).toMatchObject([
      { reason: 'manager-closed', messages: 1, bytes: 4 },
    ]);
    expect(made.eventsNamed('messagesDropped')[0]).not.toHaveProperty('connectionId');
  });
});

describe('arguments of send', () => {
  test.each([undefined, null])(
    'send refuses %s, with and without a connection',
    async (nothing) => {
      using made = clockBench();
      const { manager, connection, socket } = await made.connectClient('ada', 'tab-1');
      const alone = await made.manager('ada', 'tab-2');
      const told = `data must be something that ws can send, got ${nothing}`;

      expect(() => manager.send(nothing as never)).toThrow(new TypeError(told));
      expect(() => alone.send(nothing as never)).toThrow(new TypeError(told));
      expect(() => connection.send(nothing as never)).toThrow(new TypeError(told));
      expect(socket.sent).toEqual([]);
      expect(alone.queuedMessages).toBe(0);
    },
  );

  test('send refuses an option that it does not know, and nothing is sent', async () => {
    using made = clockBench();
    const { manager, socket } = await made.connectClient('ada', 'tab-1');

    expect(() => manager.send('hello', { contxt: undefined } as never)).toThrow(
      'SendOptions has no contxt, did you mean context?',
    );
    expect(manager.send('hello', null as never)).toBe(1);
    expect(socket.sent).toEqual(['hello']);
  });
});
