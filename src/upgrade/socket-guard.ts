/**
 * The `error` listener on the socket of an upgrade, from the first line to the last: without one a reset at
 * the wrong moment ends the process. Owns nothing but that.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Node takes its own `error` listener off before it emits `upgrade`, and a reset without a listener
 * ends the process. With a request body, Node 26 hands over a stream that is not the request's socket.
 */
export function guard(request: IncomingMessage, socket: Duplex): void {
  for (const stream of streamsOf(request, socket)) stream.on('error', destroyOnError);
}

/** Takes the guard off now: the upgrade belongs to other code. */
export function unguard(request: IncomingMessage, socket: Duplex): void {
  for (const stream of streamsOf(request, socket)) stream.off('error', destroyOnError);
}

/**
 * Takes the guard off where no error can happen any more. `ws` listens to the socket that it took over,
 * but not to the one below it: there the guard stays until that socket closes.
 */
export function unguardWhenOver(
  request: IncomingMessage,
  socket: Duplex,
  handedOver: boolean,
): void {
  for (const stream of streamsOf(request, socket)) {
    const unguardStream = (): unknown => stream.off('error', destroyOnError);
    if (stream.closed || (handedOver && stream === socket)) unguardStream();
    else stream.once('close', unguardStream);
  }
}

export function streamsOf(request: IncomingMessage, socket: Duplex): readonly Duplex[] {
  return request.socket === socket ? [socket] : [socket, request.socket];
}

function destroyOnError(this: Duplex): void {
  this.destroy();
}
