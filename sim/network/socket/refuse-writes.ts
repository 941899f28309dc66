/** Node's answer to a write after the peer's end, where that ends this side as well. */
import type { Duplex } from 'node:stream';
import { systemError } from '../../engine/errors.ts';
import type { WriteDone } from '../ports.ts';

export function refuseWrites(socket: Duplex): void {
  const write = socket.write;
  socket.write = (...args: unknown[]) => {
    if (!socket.writableEnded) return Reflect.apply(write, socket, args);
    const error = systemError('EPIPE', 'write');
    error.message = 'This socket has been ended by the other party';
    const done = args.find((value): value is WriteDone => typeof value === 'function');
    if (done !== undefined) process.nextTick(done, error);
    socket.destroy(error);
    return false;
  };
}
