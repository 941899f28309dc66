/**
 * One end of a simulated TCP connection, as the kernel sees it: its state, and how it is opened, closed, reset and
 * forgotten. It outlives the socket of the process, to flush what was written and to answer what comes too late. Bytes
 * are the business of its two halves, the sender and the receiver.
 */
import { systemError } from '../../engine/errors.ts';
import type { Random } from '../../engine/random.ts';
import type { SimulatedProcess } from '../../process/simulated-process.ts';
import type {
  Connection,
  Endpoint,
  EndpointSocket,
  EndpointState,
  Machine,
  WriteDone,
} from '../ports.ts';
import type { Wire } from '../wire.ts';
import { assertTransition } from './assertions.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';

export class TcpEndpoint implements Endpoint {
  readonly connection: Connection;
  readonly host: Machine;
  readonly owner: SimulatedProcess;
  /** The host may have another one by now. */
  readonly address: string;
  readonly port: number;
  readonly sender: Sender;
  /** The socket of the process; `undefined` once the process has closed it, or before it was accepted. */
  socket: EndpointSocket | undefined;
  vanished = false;

  readonly #wire: Wire;
  readonly #receiver: Receiver;
  #state: EndpointState = 'opening';

  constructor(
    connection: Connection,
    host: Machine,
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
    this.#receiver = new Receiver(this);
    host.endpoints.add(this);
  }

  get state(): EndpointState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state !== 'closed' && !this.vanished;
  }

  get wasReset(): boolean {
    return this.#receiver.wasReset;
  }

  get unreadBytes(): number {
    return this.#receiver.unreadBytes;
  }

  // What the process asks for.

  /** Takes `bytes` into the send buffer. `done` is called at once if there is room for all of them, as libuv does. */
  write(bytes: Uint8Array, done: WriteDone): void {
    if (this.#state === 'closed') {
      const wasReset = this.wasReset && !this.#receiver.hasEnded;
      done(systemError(wasReset ? 'ECONNRESET' : 'EPIPE', 'write'));
      return;
    }
    this.sender.write(bytes, done);
  }

  /** The process wants data. */
  read(): void {
    this.#receiver.read();
  }

  /** The process closes its socket. Unread data makes the kernel answer with RST instead of FIN (RFC 2525, 2.17). */
  close(reset: boolean): void {
    this.socket = undefined;
    this.#cancelWrite(this.#state === 'opening');
    this.#close(reset);
  }

  /**
   * The process was killed, and its kernel closes the socket as if it had: what was written still goes out, with a FIN
   * behind it. What was never accepted is reset (`inet_csk_listen_stop`).
   */
  orphan(): void {
    const wasAccepted = this.socket !== undefined;
    this.socket = undefined;
    // The process that would be told is gone.
    this.sender.cancelBlocked();
    // Half of a handshake is dropped, and its acknowledgement answered with a RST since no server listens.
    if (this.#state === 'opening' && this === this.connection.server) this.vanish();
    else this.#close(!wasAccepted);
  }

  #close(reset: boolean): void {
    const wasOpening = this.#state === 'opening';
    if (this.#state === 'closed') return;
    this.#become('closed');
    if (wasOpening) this.forget();
    else if (reset || this.unreadBytes > 0) this.sendReset();
    else this.sender.shutdown();
  }

  /** A write that will never be finished is answered all the same, or its caller waits for ever. */
  #cancelWrite(neverConnected: boolean): void {
    const done = this.sender.cancelBlocked();
    if (done === undefined) return;
    process.nextTick(() => done(neverConnected ? closedBeforeConnection() : null));
  }

  // What the kernel does.

  #become(state: EndpointState): void {
    assertTransition(this.#state, state);
    this.#state = state;
  }

  /** The handshake is complete at this end; the process may not have been told. */
  open(): void {
    this.#become('open');
  }

  /** The process hears of the connection, and what it has written goes out. */
  opened(): void {
    if (this.#state === 'opening') this.open();
    this.sender.takeBlocked();
  }

  /** Sends a RST and forgets the connection. */
  sendReset(): void {
    this.#become('closed');
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
    this.#become('closed');
    this.socket = undefined;
    this.sender.cancelBlocked();
    this.forget();
  }

  /** Data or the end of it reaches this machine. */
  receive(segment: Uint8Array | 'fin'): void {
    if (this.vanished || (this.#state === 'closed' && segment !== 'fin')) {
      // No process is here any more to read it.
      this.sendReset();
      return;
    }
    if (this.#state !== 'closed') this.#receiver.receive(segment);
  }

  /** There is room for a write that waits. */
  writable(): void {
    this.#receiver.writable();
  }

  /** The process has read. */
  hasRead(): void {
    this.connection.peerOf(this)?.sender.learnOfRoom();
  }

  /** The connection breaks. The process learns of it when it reads or writes. */
  fail(error: NodeJS.ErrnoException): void {
    this.#become('closed');
    this.#receiver.fail(error);
    this.forget();
    this.#receiver.tellOfError();
  }

  /** Nothing more is sent, and the machine does not know this connection any more. */
  forget(): void {
    this.sender.clear();
    this.host.endpoints.delete(this);
    this.connection.settle();
  }

  /** A closed endpoint stays until its last bytes and its FIN are through. */
  forgetIfDone(): void {
    if (this.#state === 'closed' && this.sender.isDone) this.forget();
  }
}

function closedBeforeConnection(): Error {
  const error: NodeJS.ErrnoException = new Error(
    'Socket closed before the connection was established',
  );
  error.code = 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION';
  return error;
}
