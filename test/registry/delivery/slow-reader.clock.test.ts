import { describe, expect, test } from 'vitest';
import { kClose, kOffer } from '../../../src/internal/symbols.ts';
import type { CloseOrder } from '../../../src/socket/close-order.ts';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

function order(given: Partial<CloseOrder>): CloseOrder {
  return { cause: 'released', code: 1000, text: '', handshakeMs: 1_000, detachMs: 100, ...given };
}

describe('maxBufferedBytes', () => {
  test('a reader that would have more than maxBufferedBytes waiting is closed with 4412', async () => {
    using made = clockBench({ maxBufferedBytes: 1_000 });
    const { socket, connection, manager } = await made.connectClient('ada', 'tab-1', {
      closes: false,
    });
    socket.bufferedAmount = 990;

    expect(connection.send('x'.repeat(10))).toBe(true);
    expect(connection.send('x'.repeat(11))).toBe(false);

    expect(socket.sent).toEqual(['x'.repeat(10)]);
    expect(socket.closed).toMatchObject([{ code: 4412, text: 'reads too slowly' }]);
    expect(connection.send('more')).toBe(false);
    expect(manager.queuedMessages).toBe(0);
    await made.pass(1_001);
    expect(socket.terminatedAtMs).toBe(1_000);
  });

  test('a message that no connection could take is kept for the next one', async () => {
    using made = clockBench({ maxBufferedBytes: 1_000 });
    const { socket, manager } = await made.connectClient('ada', 'tab-1');
    socket.bufferedAmount = 1_000;

    expect(manager.send('x')).toBe(0);

    expect(manager).toMatchObject({ queuedMessages: 1, queuedBytes: 1 });
    expect(made.eventsNamed('messageQueued')).toMatchObject([
      { bytes: 1, queuedMessages: 1, queuedBytes: 1, userId: 'ada' },
    ]);
  });

  test("a message beyond maxBufferedBytes is dropped with slowReaderPolicy 'drop', and that is told", async () => {
    using made = clockBench({ maxBufferedBytes: 1_000, slowReaderPolicy: 'drop' });
    const { socket, connection, manager } = await made.connectClient('ada', 'tab-1');
    const quick = new FakeSocket();
    connect(manager, quick);
    socket.bufferedAmount = 999;

    expect(manager.send('xx')).toBe(1);
    socket.bufferedAmount = 0;
    expect(manager.send('later')).toBe(2);

    expect(quick.sent).toEqual(['xx', 'later']);
    expect(socket.sent).toEqual(['later']);
    expect(made.eventsNamed('messagesDropped')).toMatchObject([
      { reason: 'slow-reader', messages: 1, bytes: 2, connectionId: connection.id },
    ]);
    expect(manager.queuedMessages).toBe(0);
  });

  test('maxBufferedBytes is not checked while nothing waits, however large the message', async () => {
    using made = clockBench({ maxBufferedBytes: 10 });
    const { socket, connection } = await made.connectClient('ada', 'tab-1');

    expect(connection.send('x'.repeat(1_000))).toBe(true);

    expect(socket.sent).toHaveLength(1);
  });
});

describe('a backlog that the application made on the socket itself', () => {
  test('a backlog on the socket is closed with 4412 when it stands still for a round', async () => {
    using made = clockBench({ maxBufferedBytes: 1_000 });
    const { socket } = await made.connectClient('ada', 'tab-1', { closes: false });
    socket.bufferedAmount = 1_001;

    await made.pass(30_000);

    expect(socket.closed).toMatchObject([{ code: 4412, text: 'reads too slowly' }]);
    expect(made.eventsNamed('connectionExpelled')).toMatchObject([
      { cause: 'slow-reader', code: 4412 },
    ]);
    expect(socket.terminatedAtMs).toBe((socket.closed[0]?.atMs ?? Number.NaN) + 1_000);
  });

  test.each([
    ['is not too large', 1_000, 0],
    ['shrinks', 10_000, 1],
  ])('a backlog on the socket that %s is left alone', async (_what, bytes, taken) => {
    using made = clockBench({ maxBufferedBytes: 1_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');
    socket.bufferedAmount = bytes;

    for (let rounds = 0; rounds < 10; rounds += 1) {
      await made.pass(14_900);
      socket.bufferedAmount -= taken;
    }

    expect(socket.closed).toEqual([]);
  });

  test('a backlog on the socket that grows is closed with 4412', async () => {
    using made = clockBench({ maxBufferedBytes: 1_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');

    for (let rounds = 0; rounds < 3; rounds += 1) {
      socket.bufferedAmount += 2_000;
      await made.pass(14_900);
    }

    expect(socket.closed).toMatchObject([{ code: 4412 }]);
  });

  test('a backlog on the socket that was drained meanwhile starts again', async () => {
    using made = clockBench({ maxBufferedBytes: 1_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');

    for (const bytes of [2_000, 0, 2_000, 1_000, 3_000]) {
      socket.bufferedAmount = bytes;
      await made.pass(14_900);
    }

    expect(socket.closed).toEqual([]);
  });
});

describe('messages to one connection', () => {
  test('a message beyond maxBufferedBytes is dropped, and one to a closing connection comes too late', async () => {
    using made = clockBench({ maxBufferedBytes: 1_000, slowReaderPolicy: 'drop' });
    const { connection, socket } = await made.connectClient('ada', 'tab-1');
    socket.bufferedAmount = 1_000;

    expect(connection[kOffer]('x')).toBe('dropped');
    socket.bufferedAmount = 999;
    expect(connection[kOffer]('x')).toBe('sent');
    connection[kClose](order({}));
    expect(connection[kOffer]('x')).toBe('closed');
  });
});
