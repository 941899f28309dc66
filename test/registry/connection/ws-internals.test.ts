import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  bytesReadOf,
  hasTakenBacklog,
  isOversize,
  isTornDown,
  lowerMaxPayload,
  NO_BACKLOG,
  overhearStatus,
  receiverOf,
  writeProgressOf,
} from '../../../src/socket/ws-internals.ts';

/** A socket of `ws` with this below it. */
const above = (below: unknown): WebSocket => ({ _socket: below }) as unknown as WebSocket;

const backlog = (queued: number, dispatched: number) =>
  above({ _handle: { writeQueueSize: queued }, _bytesDispatched: dispatched });

describe('socket internals', () => {
  test.each([[undefined], [null], [{}], [{ _handle: null }]])(
    'the internals of a socket are unknown for %j',
    (below) => {
      const socket = above(below);

      expect(bytesReadOf(socket)).toBe(0);
      expect(writeProgressOf(socket)).toBe(NO_BACKLOG);
      expect(isTornDown(socket)).toBe(false);
      expect(receiverOf(socket)).toBeUndefined();
      expect(hasTakenBacklog(socket, { queued: 5, taken: 0 })).toBe(false);
    },
  );

  test('the internals of a socket say how far the kernel is with what was written', () => {
    expect(bytesReadOf(above({ bytesRead: 7 }))).toBe(7);
    expect(writeProgressOf(backlog(0, 9))).toBe(NO_BACKLOG);
    expect(writeProgressOf(backlog(4, 9))).toEqual({ queued: 4, taken: 5 });
    expect(
      writeProgressOf(above({ _handle: { writeQueueSize: 4 }, _bytesDispatched: '9' })),
    ).toEqual({ queued: 4, taken: 0 });
    expect(isTornDown(above({ destroyed: true }))).toBe(true);
  });

  test('the internals of a socket say whether a peer has taken some of its backlog', () => {
    const before = { queued: 4, taken: 5 };

    expect(hasTakenBacklog(backlog(4, 9), before)).toBe(false);
    expect(hasTakenBacklog(backlog(3, 9), before)).toBe(true);
    expect(hasTakenBacklog(backlog(0, 9), before)).toBe(true);
    expect(hasTakenBacklog(backlog(0, 9), NO_BACKLOG)).toBe(false);
    const gone = above({ destroyed: true, _handle: { writeQueueSize: 0 }, _bytesDispatched: 9 });
    expect(hasTakenBacklog(gone, before)).toBe(false);
  });
});

test.each([
  [Object.assign(new Error('x'), { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' }), true],
  [Object.assign(new Error('x'), { code: 'ECONNRESET' }), false],
  [new Error('x'), false],
  [{ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' }, false],
])('the error %s says that a message was too large: %s', (error, expected) => {
  expect(isOversize(error)).toBe(expected);
});

describe('the greatest message that ws takes', () => {
  const limits = (receiver: unknown, deflate?: unknown): WebSocket =>
    ({
      _receiver: receiver,
      _extensions: deflate === undefined ? undefined : { 'permessage-deflate': deflate },
    }) as unknown as WebSocket;

  test.each([
    ['lowered when it is higher', 101, 100],
    ['lowered when there is none', 0, 100],
    ['left when it is lower', 99, 99],
  ])('the greatest message that ws takes is %s', (_what, present, expected) => {
    const receiver = { _maxPayload: present };
    const deflate = { _maxPayload: present };

    lowerMaxPayload(limits(receiver, deflate), 100);

    expect([receiver, deflate]).toEqual([{ _maxPayload: expected }, { _maxPayload: expected }]);
  });

  test('the greatest message that ws takes is left without a limit of ours', () => {
    const receiver = { _maxPayload: 0 };

    lowerMaxPayload(limits(receiver), Number.POSITIVE_INFINITY);

    expect(receiver).toEqual({ _maxPayload: 0 });
  });

  test.each([[undefined], [null], [{}], [{ _maxPayload: '500' }]])(
    'the greatest message that ws takes is not put into %j',
    (present) => {
      const receiver = structuredClone(present);

      lowerMaxPayload(limits(receiver, receiver), 100);

      expect(receiver).toStrictEqual(present);
    },
  );
});

describe('the status of an answer that ws writes itself', () => {
  class Wire extends Duplex {
    readonly ended: unknown[][] = [];
    override end(...args: unknown[]): this {
      this.ended.push(args);
      return this;
    }
  }

  const choosing = () => new WebSocketServer({ noServer: true, verifyClient: () => true });

  test('the status of an answer of ws is read, and the answer passes unchanged', () => {
    const wire = new Wire();
    const overheard = overhearStatus(choosing(), wire);
    expect(overheard.status).toBeUndefined();

    expect(wire.end('HTTP/1.1 401 Unauthorized\r\n\r\n', 'utf8')).toBe(wire);
    wire.end('HTTP/1.1 500 Later\r\n\r\n');

    expect(overheard.status).toBe(401);
    expect(wire.ended).toEqual([
      ['HTTP/1.1 401 Unauthorized\r\n\r\n', 'utf8'],
      ['HTTP/1.1 500 Later\r\n\r\n'],
    ]);
  });

  test.each([
    [undefined],
    [Buffer.from('HTTP/1.1 401 x')],
    ['say HTTP/1.1 401 x'],
    ['HTTP/1.1 4 x'],
  ])('an answer of ws without a status line has no status: %s', (written) => {
    const wire = new Wire();
    const overheard = overhearStatus(choosing(), wire);

    wire.end(written);

    expect(overheard.status).toBeUndefined();
    expect(wire.ended).toHaveLength(1);
  });

  test('the status of an answer of ws is not read once that is stopped', () => {
    const wire = new Wire();
    const overheard = overhearStatus(choosing(), wire);
    expect(Object.hasOwn(wire, 'end')).toBe(true);

    overheard.stop();
    wire.end('HTTP/1.1 401 Unauthorized\r\n\r\n');

    expect(Object.hasOwn(wire, 'end')).toBe(false);
    expect(overheard.status).toBeUndefined();
  });

  test('a stopped reader leaves a socket as it found it, or as other code has made it since', () => {
    const wire = new Wire();
    const own = (): Wire => wire;
    wire.end = own;
    overhearStatus(choosing(), wire).stop();
    expect(wire.end).toBe(own);

    const overheard = overhearStatus(choosing(), wire);
    const others = (): Wire => wire;
    wire.end = others;
    overheard.stop();
    expect(wire.end).toBe(others);
  });

  test.each<[string, (server: WebSocketServer) => unknown, boolean]>([
    ['there is no code that can choose it', () => {}, false],
    ['a listener may choose it', (server) => server.on('wsClientError', () => {}), true],
    ['the server is closing', (server) => server.close(), true],
  ])('the status of an answer of ws is read when %s: %s', (_what, prepare, expected) => {
    const server = new WebSocketServer({ noServer: true });
    prepare(server);
    const wire = new Wire();

    const overheard = overhearStatus(server, wire);

    expect(Object.hasOwn(wire, 'end')).toBe(expected);
    overheard.stop();
    expect(overheard.status).toBeUndefined();
  });
});
