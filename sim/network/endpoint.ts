/**
 * One end of a simulated TCP connection, as the kernel sees it: its state, what has arrived and was not read, and what
 * the process is told. It outlives the socket of the process, to flush what was written and to answer what comes too
 * late.
 */
import { systemError } from '../engine/errors.ts';
import type { Random } from '../engine/random.ts';
import type { ProcessPause } from '../process/pause.ts';
import type { SimulatedProcess } from '../process/simulated-process.ts';
import type { Connection, Wire } from './connection.ts';
import type { Host } from './host.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { isData } from './retransmission.ts';
import type { Settled } from './send-buffer.ts';
import { Sender } from './sender.ts';
import type { SimulatedSocket } from './socket.ts';

export class Endpoint {
  readonly connection: Connection;
  readonly host: Host;
  readonly owner: SimulatedProcess;
  /** The host may have another one by now. */
  readonly address: string;
  readonly port: number;
  readonly sender: Sender;
  /** The socket of the process; `undefined` once the process has closed it, or before it was accepted. */
  socket: SimulatedSocket | undefined;
  state: 'opening' | 'open' | 'closed' = 'opening';
  /** The machine lost power and knows nothing of this connection. */
  vanished = false;

  readonly #wire: Wire;
  readonly #received = new ReceiveBuffer();
  /** What the kernel says to the process when it reads or writes next. */
  #error: NodeJS.ErrnoException | undefined;
  #endReceived = false;
  #endDelivered = false;
  #reading = false;
  /** What has arrived while the event loop stood still, and that it is to be woken for it. */
  #unseenBytes = 0;
  #wakes = false;

  constructor(
    connection: Connection,
    host: Host,
    owner: SimulatedProcess,
    port: number,
    wire: Wire,
    random: Random,
  ) {
    this.connection = connection;
    this.host = host;
    this.owner = owner;
    this.address = host.address;
    this.port = port;
    this.#wire = wire;
    this.sender = new Sender(this, wire, random);
    host.endpoints.add(this);
  }

  /** True while somebody could still send or receive here. */
  get isOpen(): boolean {
    return this.state !== 'closed' && !this.vanished;
  }

  /** A RST has come in, which the process may not know yet. */
  get wasReset(): boolean {
    return this.#error?.code === 'ECONNRESET';
  }

  get unreadBytes(): number {
    return this.#received.unreadBytes;
  }

  // What the process asks for.

  /** Takes `bytes` into the send buffer. `done` is called at once if there is room for all of them, as libuv does. */
  write(bytes: Uint8Array, done: Settled): void {
    if (this.state === 'closed') {
      const wasReset = this.#error?.code === 'ECONNRESET' && !this.#endReceived;
      done(systemError(wasReset ? 'ECONNRESET' : 'EPIPE', 'write'));
      return;
    }
    this.sender.write(bytes, done);
  }

  /** The process wants data. */
  read(): void {
    this.#reading = true;
    this.#pump();
  }

  /** The process closes its socket. Unread data makes the kernel answer with RST instead of FIN (RFC 2525, 2.17). */
  close(reset: boolean): void {
    this.socket = undefined;
    this.#cancelWrite(this.state === 'opening');
    this.#close(reset);
  }

  /**
   * The process was killed, and its kernel closes the socket as if it had: what was written still goes out, with a FIN
   * behind it. What was never accepted is reset (`inet_csk_listen_stop`).
   */
  orphan(): void {
    const wasAccepted = this.socket !== undefined;
    this.socket = undefined;
    // Nobody is there any more to be told.
    this.sender.cancelBlocked();
    // Half of a handshake is dropped, and its acknowledgement answered with a RST since nobody listens.
    if (this.state === 'opening' && this === this.connection.server) this.vanish();
    else this.#close(!wasAccepted);
  }

  #close(reset: boolean): void {
    const wasOpening = this.state === 'opening';
    if (this.state === 'closed') return;
    this.state = 'closed';
    if (wasOpening) this.forget();
    else if (reset || this.unreadBytes > 0) this.sendReset();
    else this.sender.shutdown();
  }

  /** A write that will never be finished is answered all the same, or whoever waits for it waits for ever. */
  #cancelWrite(neverConnected: boolean): void {
    const done = this.sender.cancelBlocked();
    if (done === undefined) return;
    process.nextTick(() => done(neverConnected ? closedBeforeConnection() : null));
  }

  // What the kernel does.

  opened(): void {
    if (this.state === 'opening') this.state = 'open';
    this.sender.takeBlocked();
  }

  /** Sends a RST and forgets the connection. */
  sendReset(): void {
    this.state = 'closed';
    this.forget();
    const peer = this.connection.peerOf(this);
    if (peer !== undefined) this.forgeReset(peer);
  }

  /** A RST in the name of this end; from a proxy on the way, which is not silent when the other side is. */
  forgeReset(peer: Endpoint, from: 'this-end' | 'on-the-way' = 'this-end'): void {
    const { connection } = this;
    this.sender.schedule('rst', () => {
      const isFromProxy = from === 'on-the-way' && peer === connection.server;
      if ((connection.isSilent && !isFromProxy) || !peer.host.up) return;
      if (this.#wire.isCut(this.host, peer.host)) return;
      if (from === 'this-end' && connection.proxied?.takesReset(this) === true) return;
      if (peer.state === 'closed') peer.forget();
      else peer.fail(systemError('ECONNRESET', 'read'));
    });
  }

  /** The machine loses power. */
  vanish(): void {
    this.vanished = true;
    if (this.connection.proxied !== undefined) this.connection.server?.sender.learnOfRoom();
    this.state = 'closed';
    this.socket = undefined;
    this.sender.cancelBlocked();
    this.forget();
  }

  /** Data or the end of it reaches this machine. */
  receive(segment: Uint8Array | 'fin'): void {
    if (this.vanished || (this.state === 'closed' && segment !== 'fin')) {
      // Nobody is here any more to read it.
      this.sendReset();
      return;
    }
    if (this.state === 'closed') return;
    if (isData(segment)) this.#received.add(segment);
    else this.#endReceived = true;
    const { socket } = this;
    if (socket === undefined) return;
    const bytes = isData(segment) ? segment.length : 0;
    if (this.owner.pause !== undefined) {
      this.#unseenBytes += bytes;
      this.#wakeLater(this.owner.pause);
      return;
    }
    socket.noteReceived(bytes);
    if (this.#reading || this.#endReceived) socket.resource.runInAsyncScope(this.#pump, this);
  }

  /** There is room for a write that waits. */
  writable(): void {
    const { socket } = this;
    if (socket === undefined) return;
    if (this.owner.pause !== undefined) {
      this.#wakeLater(this.owner.pause);
      return;
    }
    socket.noteReceived(0);
    socket.resource.runInAsyncScope(this.sender.takeBlocked, this.sender);
  }

  /** The process is told of everything together when its event loop goes on. */
  #wakeLater(pause: ProcessPause): void {
    if (this.#wakes) return;
    this.#wakes = true;
    pause.addDelivery(this.connection.ordinal, () => {
      this.#wakes = false;
      const bytes = this.#unseenBytes;
      this.#unseenBytes = 0;
      const { socket } = this;
      if (socket === undefined) return;
      socket.noteReceived(bytes);
      socket.resource.runInAsyncScope(this.#wake, this);
    });
  }

  #wake(): void {
    const { socket } = this;
    this.#pump();
    if (this.socket === undefined || this.socket !== socket || !this.sender.isBlocked) return;
    if (this.#error === undefined) {
      this.sender.takeBlocked();
      return;
    }
    this.socket = undefined;
    socket.destroy(this.#error);
  }

  /** Hands over what has arrived, for as long as the process takes it. */
  #pump(): void {
    const { socket } = this;
    if (socket === undefined) return;
    let taken = false;
    while (this.#reading) {
      const chunk = this.#received.take();
      if (chunk === undefined) break;
      taken = true;
      this.#reading = socket.push(chunk);
      if (this.socket !== socket) return;
    }
    if (taken) this.connection.peerOf(this)?.sender.learnOfRoom();
    // libuv takes a reset that is found behind data for an end.
    if (taken && this.#error !== undefined) this.#endReceived = true;
    if (this.#endReceived && !this.#endDelivered && this.#received.isEmpty) {
      this.#endDelivered = true;
      socket.push(null);
      // Nobody may be reading, and `end` is said all the same, as by Node's net.Socket.
      socket.read(0);
    } else if (this.#error !== undefined && this.#reading && !this.#endReceived) {
      this.socket = undefined;
      socket.destroy(this.#error);
    }
  }

  /** The process learns of it when it reads or writes, as from a real kernel: a paused socket stays as it is. */
  fail(error: NodeJS.ErrnoException): void {
    this.state = 'closed';
    this.#error = error;
    this.forget();
    const { socket } = this;
    if (socket !== undefined && this.owner.pause !== undefined) {
      this.#wakeLater(this.owner.pause);
      return;
    }
    const isReading = this.#reading && !this.#endReceived;
    if (socket === undefined || (!isReading && !this.sender.isBlocked)) return;
    this.socket = undefined;
    socket.resource.runInAsyncScope(() => socket.destroy(error));
  }

  /** Nothing more is sent, and the machine does not know this connection any more. */
  forget(): void {
    this.sender.clear();
    this.host.endpoints.delete(this);
    this.connection.settle();
  }

  /** A closed endpoint stays until its last bytes and its FIN are through. */
  forgetIfDone(): void {
    if (this.state === 'closed' && this.sender.isDone) this.forget();
  }
}

function closedBeforeConnection(): Error {
  const error: NodeJS.ErrnoException = new Error(
    'Socket closed before the connection was established',
  );
  error.code = 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION';
  return error;
}
