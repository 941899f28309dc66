/**
 * What is read and set of a `ws` socket beyond its public surface, all of it in one place. Everything has
 * a fallback: with a version that lacks it, or a socket that is not of `ws`, it is not there.
 */
import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';

interface Limited {
  _maxPayload?: unknown;
}

interface Internals {
  readonly _socket?: {
    readonly bytesRead?: unknown;
    readonly destroyed?: unknown;
    readonly _bytesDispatched?: unknown;
    readonly _handle?: { readonly writeQueueSize?: unknown } | null;
  } | null;
  readonly _receiver?: (EventEmitter & Limited) | null;
  readonly _extensions?: Readonly<Record<string, Limited | undefined>> | null;
}

function internalsOf(socket: WebSocket): Internals {
  return Object(socket);
}

/** Bytes that arrived on the TCP connection below; 0 where the socket does not count them. */
export function bytesReadOf(socket: WebSocket): number {
  const bytesRead = internalsOf(socket)._socket?.bytesRead;
  return typeof bytesRead === 'number' ? bytesRead : 0;
}

/** How far the kernel is with what was written to a socket. */
export interface WriteProgress {
  /** Bytes that wait for it. While some do, it takes more only as the peer acknowledges. */
  readonly queued: number;
  /** Bytes that it has taken, ever. */
  readonly taken: number;
}

/** Of a socket for which nothing waits, or which does not count it. */
export const NO_BACKLOG: WriteProgress = Object.freeze({ queued: 0, taken: 0 });

/**
 * `bufferedAmount` does not show it: it falls when a whole write is done, which may be everything that waits.
 * Node's own socket timeout asks libuv too (`_onTimeout` in `lib/net.js`).
 */
export function writeProgressOf(socket: WebSocket): WriteProgress {
  const queued = queuedBelow(socket);
  return queued === 0 ? NO_BACKLOG : { queued, taken: takenBelow(socket, queued) };
}

function queuedBelow(socket: WebSocket): number {
  const queued = internalsOf(socket)._socket?._handle?.writeQueueSize;
  return typeof queued === 'number' ? queued : 0;
}

function takenBelow(socket: WebSocket, queued: number): number {
  const dispatched = internalsOf(socket)._socket?._bytesDispatched;
  return typeof dispatched === 'number' ? dispatched - queued : 0;
}

/** Whether a peer that had a backlog has taken some of it: it is there, however slowly it reads. */
export function hasTakenBacklog(socket: WebSocket, before: WriteProgress): boolean {
  if (before.queued === 0 || isTornDown(socket)) return false;
  return takenBelow(socket, queuedBelow(socket)) > before.taken;
}

/** Whether nothing is left of the TCP connection below, and `close` is about to be emitted. */
export function isTornDown(socket: WebSocket): boolean {
  return internalsOf(socket)._socket?.destroyed === true;
}

/**
 * `ws` takes its limit from the `WebSocketServer`, which may be shared and allow more. With its own check it
 * refuses a message at its header, instead of holding it first.
 */
export function lowerMaxPayload(socket: WebSocket, maxBytes: number): void {
  if (maxBytes === Number.POSITIVE_INFINITY) return;
  const { _receiver, _extensions } = internalsOf(socket);
  lower(_receiver, maxBytes);
  lower(_extensions?.['permessage-deflate'], maxBytes);
}

function lower(limited: Limited | null | undefined, maxBytes: number): void {
  const present = limited?._maxPayload;
  if (limited == null || typeof present !== 'number') return;
  // 0 is no limit.
  if (present === 0 || present > maxBytes) limited._maxPayload = maxBytes;
}

/**
 * The receiver of a socket, whose `finish` says that no more frames will come: the peer sent a close frame or
 * the end of its side. `ws` itself emits an event only when the whole connection is closed.
 */
export function receiverOf(socket: WebSocket): EventEmitter | undefined {
  return internalsOf(socket)._receiver ?? undefined;
}

/** Whether `ws` failed a connection because of a message that is too large. */
export function isOversize(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  );
}

/** What is overheard of an answer. */
export interface Overheard {
  readonly status: number | undefined;
  stop(): void;
}

const nothingOverheard: Overheard = { status: undefined, stop: () => {} };

/**
 * The status of the answer, when `ws`, its `verifyClient` or a listener to `wsClientError` refuses an upgrade
 * by itself: it emits no event, and writes the answer with one call of `end`. Stop it before other code writes to the
 * socket. Where no code can choose a status it is 400, and nothing is overheard: a property that is added to
 * a socket and deleted again makes it a slow and large object for the rest of its life.
 */
export function overhearStatus(server: WebSocketServer, socket: Duplex): Overheard {
  if (!choosesStatus(server)) return nothingOverheard;
  let status: number | undefined;
  const own = Object.getOwnPropertyDescriptor(socket, 'end');
  const { end } = socket;
  const listening = function (this: Duplex, ...args: unknown[]): Duplex {
    const found = /^HTTP\/1\.1 (\d{3}) /.exec(typeof args[0] === 'string' ? args[0] : '');
    if (found !== null) status ??= Number(found[1]);
    return Reflect.apply(end, this, args);
  };
  Object.defineProperty(socket, 'end', { value: listening, configurable: true, writable: true });
  return {
    get status() {
      return status;
    },
    stop: () => {
      if (socket.end !== listening) return;
      if (own === undefined) Reflect.deleteProperty(socket, 'end');
      else Object.defineProperty(socket, 'end', own);
    },
  };
}

/** Also `ws` itself does once it is closing: 503. Its state is private, and an unknown one counts as closing. */
function choosesStatus(server: WebSocketServer): boolean {
  const { _state: state }: { readonly _state?: unknown } = Object(server);
  return (
    state !== 0 || Boolean(server.options.verifyClient) || server.listenerCount('wsClientError') > 0
  );
}
