import { describe, expect, test, vi } from 'vitest';
import { kClose, kConnectionGone } from '../../../src/internal/symbols.ts';
import type { CloseOrder } from '../../../src/socket/close-order.ts';
import { clockBench } from '../support/clock.ts';

function order(given: Partial<CloseOrder>): CloseOrder {
  return { cause: 'released', code: 1000, text: '', handshakeMs: 1_000, detachMs: 100, ...given };
}

describe('connections that are gone', () => {
  test('a connection that is gone is released at once', async () => {
    using made = clockBench();
    const { connection, socket } = await made.connectClient('ada', 'tab-1');
    socket.gone(1000, '');

    await expect(connection.release()).resolves.toBeUndefined();
    expect(connection.state).toBe('closed');
  });

  test('a connection that is gone stays gone, and is told of once', async () => {
    using made = clockBench();
    const { connection, socket } = await made.connectClient('ada', 'tab-1');
    socket.gone(1000, '');

    connection[kClose](order({}));
    connection[kConnectionGone](1006, '');

    expect(connection.state).toBe('closed');
    expect(socket.closed).toEqual([]);
    expect(made.eventsNamed('connectionClosed')).toMatchObject([{ code: 1000 }]);
  });
});

describe('closing connections', () => {
  test('a terminated connection is not terminated again, and given up at the nearer bound', async () => {
    using made = clockBench();
    const { connection, socket } = await made.connectClient('ada', 'tab-1', { dies: false });
    const terminate = vi.spyOn(socket, 'terminate');
    connection[kClose](order({ handshakeMs: 0, detachMs: 1_000 }));

    connection[kClose](order({ handshakeMs: 500, detachMs: 10 }));
    await made.pass(9);
    expect(connection.state).toBe('closing');
    await made.pass(1);

    expect(connection.state).toBe('closed');
    expect(terminate).toHaveBeenCalledOnce();
  });

  test('a closing connection keeps the first of two bounds that are equal', async () => {
    using made = clockBench();
    const { connection } = await made.connectClient('ada', 'tab-1', { closes: false, dies: false });

    connection[kClose](order({ detachMs: 10 }));
    connection[kClose](order({ detachMs: 5_000 }));
    await made.pass(1_010);

    expect(connection.state).toBe('closed');
  });

  test('a closing connection without a bound is waited for as long as it takes', async () => {
    using made = clockBench();
    const { connection, socket } = await made.connectClient('ada', 'tab-1', { closes: false });

    connection[kClose](order({ handshakeMs: Number.POSITIVE_INFINITY }));
    await made.pass(10_000);

    expect(connection.state).toBe('closing');
    expect(socket.terminatedAtMs).toBeUndefined();
  });
});
