/**
 * One end of a simulated TCP connection, as the kernel sees it: the state of the connection, and what the process and
 * the network do to it. It outlives the socket of the process, to flush what was written and to answer what comes too
 * late.
 */
import { systemError } from '../errors.ts';
import type { Life } from '../life.ts';
import type { Random } from '../random.ts';
import type { Connection, Wire } from './connection.ts';
import { Direction } from './direction.ts';
import type { Host } from './host.ts';
import { isData, LostSegments, type Segment } from './lost-segments.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { SendBuffer, type Settled } from './send-buffer.ts';
import type { SimulatedSocket } from './socket.ts';

type ScheduleArguments =
  Parameters<Direction['schedule']> extends [unknown, ...infer Rest] ? Rest : never;

export class Endpoint {
  readonly connection: Connection;
  readonly host: Host;
  readonly life: Life;
  readonly port: number;
  readonly #wire: Wire;
  /** The socket of the process; `undefined` once the process has closed it, or before it was accepted. */
  socket: SimulatedSocket | undefined;
  state: 'opening' | 'open' | 'closed' = 'opening';
  /** The machine lost power and knows nothing of this connection. */
  vanished = false;

  readonly #direction: Direction;
  readonly #sending: SendBuffer;
  readonly #lost: LostSegments;
  readonly #received = new ReceiveBuffer();
  #finQueued = false;
  #finSent = false;
  #windowUpdateDue = false;
  #dirty = false;
  /** One for all that is sent from here: there are many segments, and each asks when it arrives. */
  readonly #asksLoss = () => this.#isLosing();

  /** What the kernel says to the process when it reads or writes next. */
  #error: NodeJS.ErrnoException | undefined;
  #endReceived = false;
  #endDelivered = false;
  #reading = false;

  constructor(
    connection: Connection,
    host: Host,
    life: Life,
    port: number,
    wire: Wire,
    random: Random,
  ) {
    this.connection = connection;
    this.host = host;
    this.life = life;
    this.port = port;
    this.#wire = wire;
    this.#direction = new Direction(connection, wire, random);
    this.#sending = new SendBuffer(wire.profile.sendBufferBytes, () => this.#markDirty());
    this.#lost = new LostSegments(this, connection, wire, () => {
      this.#fail(systemError('ETIMEDOUT', 'read'));
    });
    host.endpoints.add(this);
  }

  /** True while somebody could still send or receive here. */
  get isOpen(): boolean {
    return this.state !== 'closed' && !this.vanished;
  }

  get unreadBytes(): number {
    return this.#received.unreadBytes;
  }

  /** What of the process's writes the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#sending.blockedBytes;
  }

  // What the process asks for.

  /** Takes `bytes` into the send buffer. `done` is called at once if there is room for all of them, as libuv does. */
  write(bytes: Uint8Array, done: Settled): void {
    if (this.state === 'closed') {
      const wasReset = this.#error?.code === 'ECONNRESET' && !this.#endReceived;
      done(systemError(wasReset ? 'ECONNRESET' : 'EPIPE', 'write'));
      return;
    }
    this.#sending.offer(bytes, done);
    this.#takeBlocked();
  }

  /** Sends a FIN after all that was written. */
  shutdown(): void {
    this.#finQueued = true;
    this.#markDirty();
  }

  /** The process wants data. */
  read(): void {
    this.#reading = true;
    this.#pump();
  }

  /** The process closes its socket. Unread data makes the kernel answer with RST instead of FIN (RFC 2525, 2.17). */
  close(reset: boolean): void {
    this.socket = undefined;
    const wasOpening = this.state === 'opening';
    this.#cancelWrite(wasOpening);
    if (this.state === 'closed') return;
    this.state = 'closed';
    if (wasOpening) {
      this.forget();
      return;
    }
    if (reset || this.unreadBytes > 0) this.sendReset();
    else this.shutdown();
  }

  // What the kernel does.

  opened(): void {
    this.state = 'open';
    this.#takeBlocked();
  }

  /** Puts what was written during an event on the wire, joined and cut anew. Called by the loop after the event. */
  flush(): void {
    this.#dirty = false;
    if (this.vanished || this.state === 'opening') return;
    this.#transmit();
    if (this.#finQueued && !this.#finSent && this.#sending.waitingBytes === 0) {
      this.#finSent = true;
      this.#send('fin');
    }
    this.#forgetIfDone();
  }

  /** Sends a RST and forgets the connection. */
  sendReset(): void {
    this.state = 'closed';
    this.forget();
    const peer = this.connection.peerOf(this);
    if (peer !== undefined) this.forgeReset(peer);
  }

  /** The machine loses power. */
  vanish(): void {
    this.vanished = true;
    this.state = 'closed';
    this.socket = undefined;
    this.#sending.cancelBlocked();
    this.forget();
  }

  /** The path is whole again: what was lost is sent once more, after everything that is on its way. */
  retransmit(): void {
    if (this.vanished) return;
    // A window update may have been lost as well; TCP probes for it.
    this.#learnOfRoom();
    if (!this.#lost.any) return;
    const resend = () => {
      for (const segment of this.#lost.takeAll()) this.#arrive(segment);
    };
    const isLost = () => this.#isCutOff();
    this.#schedule('segment', resend, () => this.#lost.bytes(), isLost);
  }

  #schedule(...[kind, fire, payload, isLost]: ScheduleArguments): void {
    this.#direction.schedule(this.connection.peerOf(this), kind, fire, payload, isLost);
  }

  /** One step of the handshake, in order with everything else of this end. */
  sendControl(kind: 'syn' | 'syn-ack' | 'refused', fire: () => void): void {
    this.#schedule(kind, fire);
  }

  /** The last step of the handshake, which is sent again when it was lost, as the data that follows it is. */
  sendAccept(accept: () => void): void {
    this.#schedule('accept', () => this.#arrive(accept), undefined, this.#asksLoss);
  }

  #takeBlocked(): void {
    if (this.state !== 'opening') this.#sending.takeBlocked();
  }

  /** A write that will never be finished is answered all the same, or whoever waits for it waits for ever. */
  #cancelWrite(neverConnected: boolean): void {
    const done = this.#sending.cancelBlocked();
    if (done === undefined) return;
    process.nextTick(() => done(neverConnected ? closedBeforeConnection() : null));
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#wire.flushAfterEvent(this);
  }

  #transmit(): void {
    const sending = this.#sending;
    const peer = this.connection.peerOf(this);
    if (sending.waitingBytes === 0 || peer === undefined) return;
    const { profile } = this.#wire;
    let window = profile.receiveBufferBytes - peer.unreadBytes - sending.inFlightBytes;
    if (window <= 0) return;
    let burst = sending.takeWaiting();
    while (burst.length > 0 && window > 0) {
      const cut = Math.min(this.#direction.random.in(profile.segmentBytes), burst.length, window);
      const bytes = burst.subarray(0, cut);
      burst = burst.subarray(cut);
      window -= cut;
      sending.inFlightBytes += cut;
      this.#send(bytes);
    }
    sending.putBack(burst);
  }

  #send(segment: Segment): void {
    if (isData(segment)) {
      this.#schedule('segment', () => this.#arrive(segment), segment, this.#asksLoss);
    } else {
      this.#schedule('fin', () => this.#arrive(segment), undefined, this.#asksLoss);
    }
  }

  /** Nothing of this end reaches the other machine now. */
  #isCutOff(): boolean {
    return this.connection.isSilent || this.connection.peerOf(this)?.host.up === false;
  }

  /** Nothing arrives now, or something from before is missing, and bytes arrive in order or not at all. */
  #isLosing(): boolean {
    return this.#lost.any || this.#isCutOff();
  }

  /** Something that this end sent reaches the machine of the other end, or does not. */
  #arrive(segment: Segment): void {
    const peer = this.connection.peerOf(this);
    if (peer === undefined) return;
    if (this.#isLosing()) {
      this.#lost.add(segment);
      return;
    }
    if (typeof segment === 'function') {
      segment();
      return;
    }
    if (isData(segment)) this.#sending.inFlightBytes -= segment.length;
    peer.#accept(segment);
    // An acknowledgement makes room in the send buffer, whether or not the peer's process reads.
    if (this.#sending.isBlocked) this.#learnOfRoom();
    this.#forgetIfDone();
  }

  #accept(segment: Uint8Array | 'fin'): void {
    if (this.vanished || (this.state === 'closed' && segment !== 'fin')) {
      // Nobody is here any more to read it.
      this.sendReset();
      return;
    }
    if (this.state === 'closed') return;
    if (segment === 'fin') {
      this.#endReceived = true;
    } else {
      this.#received.add(segment);
    }
    const { socket } = this;
    if (socket === undefined) return;
    socket.noteReceived(segment === 'fin' ? 0 : segment.length);
    if (this.#reading || this.#endReceived) socket.resource.runInAsyncScope(this.#pump, this);
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
    const peer = this.connection.peerOf(this);
    if (taken && peer !== undefined) peer.#learnOfRoom();
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

  /** The reader has made room; the writer learns of it a latency later, if it waits for that. */
  #learnOfRoom(): void {
    const waits = this.#sending.isBlocked || this.#sending.waitingBytes > 0;
    const peer = this.connection.peerOf(this);
    if (!waits || this.#windowUpdateDue || peer === undefined) return;
    this.#windowUpdateDue = true;
    peer.#schedule('window', () => {
      this.#windowUpdateDue = false;
      // What is lost here is probed for when the path is whole again.
      if (this.vanished || this.connection.isSilent || !this.host.up) return;
      this.#markDirty();
      const { socket } = this;
      if (!this.#sending.isBlocked || socket === undefined) return;
      socket.noteReceived(0);
      socket.resource.runInAsyncScope(this.#takeBlocked, this);
    });
  }

  /** A RST that this end never sent, in its name. */
  forgeReset(peer: Endpoint): void {
    this.#schedule('rst', () => this.#deliverReset(peer));
  }

  #deliverReset(peer: Endpoint): void {
    if (this.connection.isSilent || !peer.host.up) return;
    if (peer.state === 'closed') peer.forget();
    else peer.#fail(systemError('ECONNRESET', 'read'));
  }

  /** The process learns of it when it reads or writes, as from a real kernel: a paused socket stays as it is. */
  #fail(error: NodeJS.ErrnoException): void {
    this.state = 'closed';
    this.#error = error;
    this.forget();
    const { socket } = this;
    const isReading = this.#reading && !this.#endReceived;
    if (socket === undefined || (!isReading && !this.#sending.isBlocked)) return;
    this.socket = undefined;
    socket.resource.runInAsyncScope(() => socket.destroy(error));
  }

  /** Nothing more is sent, and the machine does not know this connection any more. */
  forget(): void {
    this.#sending.clear();
    this.#lost.takeAll();
    this.host.endpoints.delete(this);
    this.connection.settle();
  }

  /** A closed endpoint stays until its last bytes and its FIN are through. */
  #forgetIfDone(): void {
    if (this.state !== 'closed' || this.#sending.waitingBytes > 0 || this.#lost.any) return;
    if (this.#sending.inFlightBytes === 0 && this.#finSent) this.forget();
  }
}

function closedBeforeConnection(): Error {
  const error: NodeJS.ErrnoException = new Error(
    'Socket closed before the connection was established',
  );
  error.code = 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION';
  return error;
}
