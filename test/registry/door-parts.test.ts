/** The parts of the door that need no network. */
import { EventEmitter } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import {
  InvalidContextError,
  ManagerClosedError,
  ManagerLimitError,
  RegistryClosedError,
} from '../../src/errors.ts';
import { Deferred } from '../../src/internal/deferred.ts';
import { HeaderDeadline } from '../../src/upgrade/header-deadline.ts';
import { interruptible, runSteps, type Steps } from '../../src/upgrade/interruptible-steps.ts';
import {
  closedWithin,
  Refusal,
  RefusedSocketClose,
  refusalBytes,
  refusalFor,
  refuse,
} from '../../src/upgrade/refusal.ts';
import { guard, streamsOf, unguard, unguardWhenOver } from '../../src/upgrade/socket-guard.ts';
import { findUpgradeFault, originOf, pathOf, queriedId } from '../../src/upgrade/upgrade-checks.ts';
import { upgradeHeaders as headers, pass, request, Wire } from './wire.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an upgrade request', () => {
  test.each(['13', '8'])('of version %s is in order', (version) => {
    const own = { ...headers, 'sec-websocket-version': version };
    expect(findUpgradeFault(request({ headers: own }))).toBeUndefined();
  });

  test.each([
    [{ method: 'POST' }, 400, 'The method of an upgrade must be GET'],
    [{ headers: { ...headers, upgrade: 'h2c' } }, 400, 'The Upgrade header must be websocket'],
    [{ headers: { ...headers, upgrade: undefined } }, 400, 'The Upgrade header must be websocket'],
    ...[undefined, '', 'short==', `x${headers['sec-websocket-key']}`, `${'A'.repeat(22)}==x`].map(
      (key): [object, number, string] => [
        { headers: { ...headers, 'sec-websocket-key': key } },
        400,
        'The Sec-WebSocket-Key header is missing or invalid',
      ],
    ),
  ])('with %j is refused with %i %s', (fields, status, reason) => {
    expect(findUpgradeFault(request(fields))).toEqual(new Refusal(status, reason));
  });

  test('of another version is told which', () => {
    const own = { ...headers, 'sec-websocket-version': '7' };
    expect(findUpgradeFault(request({ headers: own }))).toEqual(
      new Refusal(426, 'The Sec-WebSocket-Version must be 13', { 'Sec-WebSocket-Version': '13' }),
    );
  });

  test('states its origin as its version does', () => {
    const stated = { origin: 'https://new', 'sec-websocket-origin': 'https://old' };
    expect(originOf(request({ headers: { ...headers, ...stated } }))).toBe('https://new');
    const old = { ...headers, ...stated, 'sec-websocket-version': '8' };
    expect(originOf(request({ headers: old }))).toBe('https://old');
    const twice = { ...old, 'sec-websocket-origin': ['https://one', 'https://two'] };
    expect(originOf(request({ headers: twice }))).toBe('https://one');
  });

  test('has a path without its query', () => {
    expect(pathOf(request({ url: '/chat?token=1' }))).toBe('/chat');
    expect(pathOf(request({ url: '/chat' }))).toBe('/chat');
    expect(pathOf(request({ url: undefined }))).toBe('');
  });

  test.each([
    [undefined, undefined],
    ['/', undefined],
    ['/?', undefined],
    ['/threadId', undefined],
    ['/a&threadId=t-1', undefined],
    ['/?other=1', undefined],
    ['/?threadId=t-1', 't-1'],
    ['/?a=%31&threadId=t-1&threadId=t-2', 't-1'],
    ['/?thread%49d=t%2D1', 't-1'],
    ['/?threadId=%EF%BF%BD', '\uFFFD'],
    ['/?x=%ff&threadId=%EF%BF%BD', '\uFFFD'],
    ['/?threadId=50%25%EF%BF%BD', '50%\uFFFD'],
    ['/?threadId=50%zz%EF%BF%BD', '50%zz\uFFFD'],
    ['/?threadId=50%2z%EF%BF%BD', '50%2z\uFFFD'],
  ])('to %s names the thread %s', (url, expected) => {
    expect(queriedId(request({ url }), 'threadId')).toBe(expected);
  });

  test.each(['/?threadId=%ff', '/?a=1&threadId=x%c3', '/?thread%49d=%fe', '/?threadId=%c3%%a9'])(
    'to %s is refused: it is ill-formed',
    (url) => {
      expect(() => queriedId(request({ url }), 'threadId')).toThrow(
        expect.objectContaining({
          field: 'threadId',
          message: 'threadId must be well-formed UTF-8',
        }),
      );
    },
  );
});

describe('a refusal', () => {
  const limit = { userId: 'ada', count: 1, limit: 1, removed: 0, retryAfterMs: 4_001 };
  const goingAway = new Refusal(503, 'The server is going away', { 'Retry-After': '5' });

  test.each([
    [new Refusal(418, 'Tea'), new Refusal(418, 'Tea')],
    [new InvalidContextError('userId', 'whatever'), new Refusal(400, 'Invalid userId')],
    [
      new ManagerLimitError('user', limit),
      new Refusal(429, 'Too many connections', { 'Retry-After': '5' }),
    ],
    [
      new ManagerLimitError('total', { ...limit, retryAfterMs: 0 }),
      new Refusal(503, 'Too many connections', { 'Retry-After': '1' }),
    ],
    [new RegistryClosedError(), goingAway],
    [new ManagerClosedError('closing'), goingAway],
    [new Error('boom'), undefined],
  ])('for %s is %j', (cause, expected) => {
    expect(refusalFor(cause)).toEqual(expected);
  });

  test('is a whole answer, byte for byte', () => {
    expect(refusalBytes(new Refusal(429, 'Zu viele', { 'Retry-After': '5', 'X-A': 'b' }))).toBe(
      'HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\n' +
        'Retry-After: 5\r\nX-A: b\r\n\r\nZu viele\n',
    );
    expect(refusalBytes(new Refusal(499, 'é'))).toMatch(
      /^HTTP\/1.1 499 Refused\r\n.*Content-Length: 3\r\n\r\né\n$/s,
    );
  });
});

describe('a refused socket', () => {
  test.each([
    ['is destroyed', (wire: Wire) => void wire.destroy()],
    ['has ended', (wire: Wire) => void wire.end()],
  ])('that %s is not written to', (_what, prepare) => {
    const wire = new Wire();
    prepare(wire);
    const end = vi.spyOn(wire, 'end');

    void refuse(wire, new Refusal(400, 'No'));

    expect(end).not.toHaveBeenCalled();
  });
});

describe('a socket that has to close', () => {
  test('is destroyed after its bound, and not before', async () => {
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

  test('by itself is waited for no longer', async () => {
    const wire = new Wire();
    const over = closedWithin(wire, 2_000);

    wire.destroy();
    await over;

    expect(vi.getTimerCount()).toBe(0);
    await closedWithin(wire, 2_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('and does not even when it is destroyed is left to itself', async () => {
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

describe('the header deadline', () => {
  function watched(server = http.createServer()) {
    const deadline = new HeaderDeadline(server, 10_000);
    const connect = (): Wire => {
      const wire = new Wire();
      server.emit('connection', wire as never);
      return wire;
    };
    return { server, deadline, connect };
  }

  test('answers 408 to whoever sends no whole request in time, each in his own', async () => {
    const { connect } = watched();
    const first = connect();
    await pass(4_000);
    const second = connect();

    await pass(5_999);
    expect(first.written).toBe('');
    await pass(1);
    expect(first.written).toBe(refusalBytes(new Refusal(408, 'The request headers took too long')));
    expect(first.destroyed).toBe(true);
    expect(second.written).toBe('');
    await pass(4_000);

    expect(second.written).toMatch(/^HTTP\/1.1 408 /);
    await pass(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('leaves alone who has sent one, who is gone, and whoever was answered', async () => {
    const { server, deadline, connect } = watched();
    const [asked, upgraded, gone, served, answering] = [1, 2, 3, 4, 5].map(connect);
    server.emit('request', { socket: asked } as never, {} as never);
    deadline.headersCame({ socket: upgraded } as never);
    gone?.destroy();
    Object.assign(served ?? {}, { bytesWritten: 5 });
    Object.assign(answering ?? {}, { _httpMessage: {} });

    await pass(20_000);

    for (const wire of [asked, upgraded, gone, served, answering]) expect(wire?.written).toBe('');
    expect(asked?.listenerCount('close')).toBe(upgraded?.listenerCount('close'));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has one timer, and none when nobody is waited for', async () => {
    const { deadline, connect } = watched();
    const [first, second, third] = [1, 2, 3].map(connect);
    expect(vi.getTimerCount()).toBe(1);

    first?.destroy();
    await pass(0);
    deadline.headersCame({ socket: second } as never);
    expect(vi.getTimerCount()).toBe(1);
    deadline.headersCame({ socket: third } as never);

    expect(vi.getTimerCount()).toBe(0);
  });

  test('still bounds the others when one has sent its own', async () => {
    const { deadline, connect } = watched();
    const [first, second] = [1, 2].map(connect);
    deadline.headersCame({ socket: first } as never);

    await pass(10_000);

    expect(first?.written).toBe('');
    expect(second?.written).toMatch(/^HTTP\/1.1 408 /);
  });

  test('leaves no listener, and has one for errors while an answer is under way', async () => {
    const { deadline, connect } = watched();
    const plain = new Wire();
    http.createServer().emit('connection', plain as never);
    const listeners = (wire: Wire) => [wire.listenerCount('close'), wire.listenerCount('error')];
    const [asked, mute] = [connect(), connect()];
    mute.closes = false;
    const errorsBefore = mute.listenerCount('error');

    deadline.headersCame({ socket: asked } as never);
    expect(listeners(asked)).toEqual(listeners(plain));
    await pass(10_000);
    expect(mute.listenerCount('error')).toBe(errorsBefore + 1);
    await pass(3_000);

    expect(mute.listenerCount('error')).toBe(errorsBefore);
  });

  test('does answer one that nothing was written to', async () => {
    const { connect } = watched();
    const wire = connect();
    Object.assign(wire, { bytesWritten: 0, _httpMessage: null });

    await pass(10_000);

    expect(wire.written).toMatch(/^HTTP\/1.1 408 /);
  });

  test('that is stopped bounds nobody any more', async () => {
    const { server, deadline, connect } = watched();
    const wire = connect();

    deadline.stop();
    connect();
    await pass(20_000);

    expect(wire.written).toBe('');
    expect(vi.getTimerCount()).toBe(0);
    expect(server.listenerCount('request')).toBe(0);
  });

  test('over TLS begins with the encrypted socket', async () => {
    const server = https.createServer();
    watched(server);
    const wire = new Wire();
    server.emit('secureConnection', wire as never);

    await pass(10_000);

    expect(wire.written).toMatch(/^HTTP\/1.1 408 /);
  });
});

describe('the guard of an upgrade', () => {
  test('keeps an error of either stream from ending the process', () => {
    const [socket, below] = [new Wire(), new Wire()];
    const of = request({ socket: below });
    expect(streamsOf(of, below)).toEqual([below]);
    guard(of, socket);

    for (const wire of [socket, below]) {
      wire.emit('error', new Error('reset'));
      expect(wire.destroyed).toBe(true);
    }
  });

  test('is taken off at once, or when it is over', async () => {
    const [socket, below] = [new Wire(), new Wire()];
    const of = request({ socket: below });
    guard(of, socket);
    unguard(of, socket);
    expect([socket.listenerCount('error'), below.listenerCount('error')]).toEqual([0, 0]);

    guard(of, socket);
    unguardWhenOver(of, socket, true);
    expect([socket.listenerCount('error'), below.listenerCount('error')]).toEqual([0, 1]);
    below.destroy();
    await pass(1);
    expect(below.listenerCount('error')).toBe(0);

    guard(of, socket);
    unguardWhenOver(of, socket, false);
    expect([socket.listenerCount('error'), below.listenerCount('error')]).toEqual([1, 0]);
  });
});

describe('a farewell', () => {
  function farewell() {
    const socket = Object.assign(new EventEmitter(), { close: vi.fn(), terminate: vi.fn() });
    const said = new RefusedSocketClose(socket as unknown as WebSocket, 1013, 'later');
    let isOver = false;
    void said.over.then(() => {
      isOver = true;
    });
    return { socket, said, isOver: () => isOver };
  }

  test('says why, and is over with the socket', async () => {
    const { socket, said, isOver } = farewell();
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

  test('terminates at the nearest of its bounds, and gives up a second later', async () => {
    const { socket, said, isOver } = farewell();
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

test('steps that wait for nothing are done at once', async () => {
  function* steps(waits: boolean): Steps<string> {
    if (waits) yield Promise.resolve();
    return 'done';
  }

  expect(runSteps(steps(false))).toBe('done');
  await expect(runSteps(steps(true))).resolves.toBe('done');
});

describe('a wait for what is somebody else’s', () => {
  test('is interrupted once, and whatever comes later changes nothing', async () => {
    const late = vi.fn();
    const awaited = new Deferred<string>();
    const { promise, interrupt } = interruptible(awaited.promise, late);

    interrupt('gone');
    interrupt('gone again');
    awaited.reject('too late');

    await expect(promise).rejects.toBe('gone');
    await pass(0);
    expect(late.mock.calls).toEqual([['too late']]);
  });

  test('is over when it has an answer, or none', async () => {
    const late = vi.fn();
    const waits = [interruptible(Promise.resolve(7), late), interruptible(Promise.reject(8), late)];
    const answers = await Promise.allSettled(waits.map(({ promise }) => promise));
    for (const { interrupt } of waits) interrupt('gone');

    expect(answers).toEqual([
      { status: 'fulfilled', value: 7 },
      { status: 'rejected', reason: 8 },
    ]);
    expect(late).not.toHaveBeenCalled();
  });
});
