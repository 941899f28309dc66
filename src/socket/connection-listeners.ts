/**
 * The listeners of a connection on its socket. Owns them: shared functions that find their connection
 * on the socket, so that none is made per connection.
 */
import type { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { bytesOf, type SendData } from '../delivery/message-store.ts';
import type { ConnectionPort } from '../internal/connection-port.ts';
import {
  kConnection,
  kConnectionGone,
  kFailed,
  kFrameSeen,
  kMessageSeen,
  kPeerDone,
} from '../internal/symbols.ts';
import { receiverOf } from './ws-internals.ts';

interface OwnedSocket extends WebSocket {
  [kConnection]?: ConnectionPort | undefined;
}

interface OwnedReceiver extends EventEmitter {
  [kConnection]?: ConnectionPort | undefined;
}

/** Whether some registry already holds this socket. */
export function isOwned(socket: OwnedSocket): boolean {
  return socket[kConnection] !== undefined;
}

export function listen(connection: ConnectionPort, socket: OwnedSocket): void {
  socket[kConnection] = connection;
  socket.on('close', onClose);
  socket.on('error', onError);
  socket.on('message', onMessage);
  socket.on('ping', onFrame);
  socket.on('pong', onFrame);
  const receiver: OwnedReceiver | undefined = receiverOf(socket);
  if (receiver === undefined) return;
  receiver[kConnection] = connection;
  receiver.on('finish', onFinish);
}

export function unlisten(socket: OwnedSocket): void {
  socket[kConnection] = undefined;
  socket.off('close', onClose);
  socket.off('error', onError);
  socket.off('message', onMessage);
  socket.off('ping', onFrame);
  socket.off('pong', onFrame);
  const receiver: OwnedReceiver | undefined = receiverOf(socket);
  if (receiver === undefined) return;
  receiver[kConnection] = undefined;
  receiver.off('finish', onFinish);
}

function onClose(this: OwnedSocket, code: number, reason: Buffer): void {
  // Stryker disable next-line OptionalChaining: the listeners are removed in the same step as the connection
  this[kConnection]?.[kConnectionGone](code, reason.toString());
}

function onMessage(this: OwnedSocket, data: SendData | readonly Buffer[]): void {
  // Stryker disable next-line OptionalChaining: the listeners are removed in the same step as the connection
  this[kConnection]?.[kMessageSeen](sizeOf(data));
}

function onFrame(this: OwnedSocket): void {
  // Stryker disable next-line OptionalChaining: the listeners are removed in the same step as the connection
  this[kConnection]?.[kFrameSeen]();
}

function onError(this: OwnedSocket, error: unknown): void {
  // Stryker disable next-line OptionalChaining: the listeners are removed in the same step as the connection
  this[kConnection]?.[kFailed](error);
}

function onFinish(this: OwnedReceiver): void {
  // Stryker disable next-line OptionalChaining: the listeners are removed in the same step as the connection
  this[kConnection]?.[kPeerDone]();
}

/** Of a message in whichever form the `binaryType` of the socket gives it. */
function sizeOf(data: SendData | readonly Buffer[]): number {
  if (Buffer.isBuffer(data)) return data.length;
  if (!Array.isArray(data)) return bytesOf(data);
  return data.reduce((sum, fragment) => sum + fragment.length, 0);
}
