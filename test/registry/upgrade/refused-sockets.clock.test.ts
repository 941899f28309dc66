/** How a refused socket is closed, and by when. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { closedWithin, Refusal, RefusedSocketClose, refuse } from '../../../src/upgrade/refusal.ts';
import { pass, Wire } from '../support/wire.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

describe('refused sockets', () => {
  test.each([
    ['is destroyed', (wire: Wire) => void wire.destroy()],
    ['has ended', (wire: Wire) => void wire.end()],
  ])('a refused socket that %s is not written to', (_what, prepare) => {
    const wire = new Wire();
    prepare(wire);
    const end = vi.spyOn(wire, 'end');

    void refuse(wire, new Refusal(400, 'No'));

    expect(end).not.toHaveBeenCalled();
  });
});

describe('closing sockets', () => {
  test('a closing socket is destroyed after its bound, and not before', async () => {
    const wire = new Wire();
    let isOver = false;
    void closedWithin(wire, 2_000).then(() => {
      isOver = true;
    });

    await pass(1_999);
    expect(wire.destroyed).toBe(false);
    await pass(1);

    expect(wire.destroyed).toBe(true);
    expect(isOver).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a socket that closes by itself is waited for no longer', async () => {
    const wire = new Wire();
    const over = closedWithin(wire, 2_000);

    wire.destroy();
    await over;

    expect(vi.getTimerCount()).toBe(0);
    await closedWithin(wire, 2_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a socket that does not close even when it is destroyed is given up after a second', async () => {
    const wire = new Wire();
    wire.closes = false;
    let isOver = false;
    void closedWithin(wire, 2_000).then(() => {
      isOver = true;
    });

    await pass(2_999);
    expect(isOver).toBe(false);
    await pass(1);

    expect(isOver).toBe(true);
    expect(wire.listenerCount('close')).toBe(0);
  });
});

describe('closes of refused WebSockets', () => {
  function refusedClose() {
    const socket = Object.assign(new EventEmitter(), { close: vi.fn(), terminate: vi.fn() });
    const said = new RefusedSocketClose(socket as unknown as WebSocket, 1013, 'later');
    let isOver = false;
    void said.over.then(() => {
      isOver = true;
    });
    return { socket, said, isOver: () => isOver };
  }

  test('a refused WebSocket is told the reason, and its close is over with the socket', async () => {
    const { socket, said, isOver } = refusedClose();
    said.endWithin(2_000);
    expect(socket.close.mock.calls).toEqual([[1013, 'later']]);
    expect(socket.emit('error', new Error('reset'))).toBe(true);

    socket.emit('close');
    await pass(0);

    expect(isOver()).toBe(true);
    expect(socket.listenerCount('error')).toBe(0);
    said.endWithin(1_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(socket.terminate).not.toHaveBeenCalled();
  });

  test('a refused WebSocket is terminated at the nearest of its bounds, and given up a second later', async () => {
    const { socket, said, isOver } = refusedClose();
    said.endWithin(2_000);
    said.endWithin(500);
    said.endWithin(9_000);

    await pass(499);
    expect(socket.terminate).not.toHaveBeenCalled();
    await pass(1);
    expect(socket.terminate).toHaveBeenCalledOnce();
    said.endWithin(1);
    await pass(999);
    expect(isOver()).toBe(false);
    await pass(1);

    expect(isOver()).toBe(true);
    expect(socket.terminate).toHaveBeenCalledOnce();
  });
});
