/**
 * The receiving half of an endpoint: what has arrived and was not read, and what the process is told of it, when it reads
 * or when its event loop goes on. Does not know where bytes come from.
 */
import type { ProcessPause } from '../../process/pause.ts';
import type { EndpointSocket } from '../ports.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { isData } from './segment.ts';

/** What a receiver needs of its endpoint. */
interface ReceivingEnd {
  readonly owner: { readonly pause: ProcessPause | undefined };
  readonly connection: { readonly ordinal: number };
  /** The socket of the process; `undefined` once the process has closed it, or before it was accepted. */
  socket: EndpointSocket | undefined;
  /** Half of the same endpoint: a write that waits, and its continuation. */
  readonly sender: { readonly isBlocked: boolean; takeBlocked(): void };
  /** The process has taken bytes: there is room for more. */
  hasRead(): void;
}

export class Receiver {
  readonly #end: ReceivingEnd;
  readonly #received = new ReceiveBuffer();
  /** What the kernel says to the process when it reads or writes next. */
  #error: NodeJS.ErrnoException | undefined;
  #endReceived = false;
  #endDelivered = false;
  #reading = false;
  /** What has arrived while the event loop stood still, and that it is to be woken for it. */
  #unseenBytes = 0;
  #wakes = false;

  constructor(end: ReceivingEnd) {
    this.#end = end;
  }

  get unreadBytes(): number {
    return this.#received.unreadBytes;
  }

  /** A RST has come in, which the process may not know yet. */
  get wasReset(): boolean {
    return this.#error?.code === 'ECONNRESET';
  }

  /** The peer has sent its end, or a reset was taken for one. */
  get hasEnded(): boolean {
    return this.#endReceived;
  }

  /** The process wants data. */
  read(): void {
    this.#reading = true;
    this.#pump();
  }

  receive(segment: Uint8Array | 'fin'): void {
    if (isData(segment)) this.#received.add(segment);
    else this.#endReceived = true;
    const { socket, owner } = this.#end;
    if (socket === undefined) return;
    const bytes = isData(segment) ? segment.length : 0;
    if (owner.pause !== undefined) {
      this.#unseenBytes += bytes;
      this.#wakeLater(owner.pause);
      return;
    }
    socket.noteReceived(bytes);
    if (this.#reading || this.#endReceived) socket.resource.runInAsyncScope(this.#pump, this);
  }

  /** There is room for a write that waits. */
  writable(): void {
    const { socket, owner, sender } = this.#end;
    if (socket === undefined) return;
    if (owner.pause !== undefined) {
      this.#wakeLater(owner.pause);
      return;
    }
    socket.noteReceived(0);
    socket.resource.runInAsyncScope(sender.takeBlocked, sender);
  }

  /** The process learns of it when it reads or writes, as from a real kernel: a paused socket stays as it is. */
  fail(error: NodeJS.ErrnoException): void {
    this.#error = error;
  }

  /** Tells the process of the error, if it reads or waits for a write; when its event loop goes on, if that stands still. */
  tellOfError(): void {
    const { socket, owner, sender } = this.#end;
    if (socket !== undefined && owner.pause !== undefined) {
      this.#wakeLater(owner.pause);
      return;
    }
    const isReading = this.#reading && !this.#endReceived;
    if (socket === undefined || (!isReading && !sender.isBlocked)) return;
    this.#end.socket = undefined;
    socket.resource.runInAsyncScope(() => socket.destroy(this.#error));
  }

  /** The process is told of everything together when its event loop goes on. */
  #wakeLater(pause: ProcessPause): void {
    if (this.#wakes) return;
    this.#wakes = true;
    pause.addDelivery(this.#end.connection.ordinal, () => {
      this.#wakes = false;
      const bytes = this.#unseenBytes;
      this.#unseenBytes = 0;
      const { socket } = this.#end;
      if (socket === undefined) return;
      socket.noteReceived(bytes);
      socket.resource.runInAsyncScope(this.#wake, this);
    });
  }

  #wake(): void {
    const end = this.#end;
    const { socket } = end;
    this.#pump();
    if (end.socket === undefined || end.socket !== socket || !end.sender.isBlocked) return;
    if (this.#error === undefined) {
      end.sender.takeBlocked();
      return;
    }
    end.socket = undefined;
    socket.destroy(this.#error);
  }

  /** Hands over what has arrived, for as long as the process takes it. */
  #pump(): void {
    const end = this.#end;
    const { socket } = end;
    if (socket === undefined) return;
    let taken = false;
    while (this.#reading) {
      const chunk = this.#received.take();
      if (chunk === undefined) break;
      taken = true;
      this.#reading = socket.push(chunk);
      if (end.socket !== socket) return;
    }
    if (taken) end.hasRead();
    // libuv takes a reset that is found behind data for an end.
    if (taken && this.#error !== undefined) this.#endReceived = true;
    if (this.#endReceived && !this.#endDelivered && this.#received.isEmpty) {
      this.#endDelivered = true;
      socket.push(null);
      // The process may not be reading, and `end` is emitted all the same, as by Node's net.Socket.
      socket.read(0);
    } else if (this.#error !== undefined && this.#reading && !this.#endReceived) {
      end.socket = undefined;
      socket.destroy(this.#error);
    }
  }
}
