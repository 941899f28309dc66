/** Whether something is a WebSocket that a manager can take: open, and without a manager. */
import type { WebSocket } from 'ws';
import { LeaktightError } from '../errors.ts';
import { showValue } from '../identity/ids.ts';
import { isOwned } from './connection-listeners.ts';

const SOCKET_METHODS = [
  'on',
  'off',
  'once',
  'send',
  'ping',
  'pause',
  'close',
  'terminate',
] as const;

/** @throws {LeaktightError} that names what it is instead. */
export function checkSocket(socket: WebSocket): void {
  if (SOCKET_METHODS.some((name) => typeof socket?.[name] !== 'function')) {
    throw new LeaktightError(
      'ERR_LEAKTIGHT_SOCKET_NOT_OPEN',
      `A connection needs a WebSocket, got ${showValue(socket)}`,
    );
  }
  if (socket.readyState !== socket.OPEN) {
    // A closed socket would never emit `close`, and its connection would be kept for ever.
    throw new LeaktightError(
      'ERR_LEAKTIGHT_SOCKET_NOT_OPEN',
      `A connection needs an open socket, its readyState is ${socket.readyState}`,
    );
  }
  if (isOwned(socket)) {
    throw new LeaktightError('ERR_LEAKTIGHT_SOCKET_IN_USE', 'The socket already has a manager');
  }
}
