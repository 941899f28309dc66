/**
 * One end of a simulated TCP connection, as the kernel sees it: what is to be sent, what is on the way, what has arrived
 * and was not read. It outlives the socket of the process, to flush what was written and to answer what comes too late.
 * Latency, cuts and the side of equal instants are drawn from a stream of its own.
 */
import { systemError } from '../errors.ts';
import type { Life } from '../life.ts';
import { afterTimers, beforeTimers, type QueuedEvent, type TimerSide } from '../queue.ts';
import type { Random } from '../random.ts';
import type { EventKind } from '../trace.ts';
import type { Connection, Wire } from './connection.ts';
import type { Host } from './host.ts';
import type { SimulatedSocket } from './socket.ts';

type Settled = (error?: Error | null) => void;

/** Something that travels, or that waits to be sent again: data, the end of it, or the last step of the handshake. */
type Segment = Uint8Array | 'fin' | (() => void);

export class Endpoint {
  readonly connection: Connection;
  readonly host: Host;
  readonly life: Life;
  readonly port: number;
  readonly #wire: Wire;
  readonly #random: Random;
  /** The socket of the process; `undefined` once the process has closed it, or before it was accepted. */
  socket: SimulatedSocket | undefined;
  state: 'opening' | 'open' | 'closed' = 'opening';
  /** The machine lost power and knows nothing of this connection. */
  vanished = false;

  /** Written, and not yet on the wire. */
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  /** On the wire, and not yet in the receive buffer of the peer. */
  #inFlightBytes = 0;
  /** A write that found no room. Node hands over one at a time. */
  #blocked: { readonly bytes: Uint8Array; readonly done: Settled } | undefined;
  #finQueued = false;
  #finSent = false;
  #lastArrivalMs = 0;
  #lastSide: TimerSide = beforeTimers;
  #windowUpdateDue = false;
  /** What the network swallowed, in order, until it heals or the kernel gives up. */
  #lost: Segment[] = [];
  #lostSinceMs = 0;
  #givingUp = false;
  #dirty = false;
  /** One for all that is sent from here: there are many segments, and each asks when it arrives. */
  readonly #asksLoss = () => this.#isLosing();

  readonly #received: Uint8Array[] = [];
  #receivedBytes = 0;
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
    this.#random = random;
    host.endpoints.add(this);
  }

  /** True while somebody could still send or receive here. */
  get isOpen(): boolean {
    return this.state !== 'closed' && !this.vanished;
  }

  get unreadBytes(): number {
    return this.#receivedBytes;
  }

  /** What of the process's writes the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#blocked?.bytes.length ?? 0;
  }

  // What the process asks for.

  /** Takes `bytes` into the send buffer. `done` is called at once if there is room for all of them, as libuv does. */
  write(bytes: Uint8Array, done: Settled): void {
    if (this.state === 'closed') {
      const wasReset = this.#error?.code === 'ECONNRESET' && !this.#endReceived;
      done(systemError(wasReset ? 'ECONNRESET' : 'EPIPE', 'write'));
      return;
    }
    this.#blocked = { bytes, done };
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
    if (reset || this.#receivedBytes > 0) this.sendReset();
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
    if (this.#finQueued && !this.#finSent && this.#outgoingBytes === 0) {
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
    this.#blocked = undefined;
    this.forget();
  }

  /** The path is whole again: what was lost is sent once more, after everything that is on its way. */
  retransmit(): void {
    if (this.vanished) return;
    // A window update may have been lost as well; TCP probes for it.
    this.#learnOfRoom();
    if (this.#lost.length === 0) return;
    const resend = () => {
      const lost = this.#lost;
      this.#lost = [];
      for (const segment of lost) this.#arrive(segment);
    };
    const isLost = () => this.#isCutOff();
    this.#schedule('segment', resend, () => Buffer.concat(this.#lost.filter(isData)), isLost);
  }

  /** Schedules the arrival of something of this end at the other, never before what was sent earlier. */
  #schedule(
    kind: EventKind,
    fire: () => void,
    payload?: QueuedEvent['payload'],
    isLost?: () => boolean,
  ): void {
    const { profile } = this.#wire;
    let atMs =
      this.#wire.nowMs +
      this.#random.in(profile.latencyMs) +
      this.#wire.addedLatencyMs(this.connection);
    let side: TimerSide = this.#random.chance(0.5) ? beforeTimers : afterTimers;
    if (atMs < this.#lastArrivalMs) atMs = this.#lastArrivalMs;
    if (atMs === this.#lastArrivalMs && side < this.#lastSide) side = this.#lastSide;
    this.#lastArrivalMs = atMs;
    this.#lastSide = side;
    const life = this.connection.peerOf(this)?.life;
    const id = this.connection.ordinal;
    this.#wire.schedule({ kind, atMs, side, life, id, payload, isLost, fire });
  }

  /** One step of the handshake, in order with everything else of this end. */
  sendControl(kind: 'syn' | 'syn-ack' | 'refused', fire: () => void): void {
    this.#schedule(kind, fire);
  }

  /** The last step of the handshake, which is sent again when it was lost, as the data that follows it is. */
  sendAccept(accept: () => void): void {
    this.#schedule('accept', () => this.#arrive(accept), undefined, this.#asksLoss);
  }

  /** Takes as much of the write that waits as there is room for. */
  #takeBlocked(): void {
    const blocked = this.#blocked;
    if (blocked === undefined || this.state === 'opening') return;
    const room = this.#wire.profile.sendBufferBytes - this.#outgoingBytes - this.#inFlightBytes;
    const { bytes, done } = blocked;
    if (room <= 0 && bytes.length > 0) return;
    // The caller may reuse its buffer as soon as it is told that the write is done.
    const taken = Buffer.from(bytes.subarray(0, room));
    this.#outgoing.push(taken);
    this.#outgoingBytes += taken.length;
    this.#markDirty();
    if (taken.length < bytes.length) {
      this.#blocked = { bytes: bytes.subarray(taken.length), done };
      return;
    }
    this.#blocked = undefined;
    done();
  }

  /** A write that will never be finished is answered all the same, or whoever waits for it waits for ever. */
  #cancelWrite(neverConnected: boolean): void {
    const blocked = this.#blocked;
    if (blocked === undefined) return;
    this.#blocked = undefined;
    process.nextTick(() => blocked.done(neverConnected ? closedBeforeConnection() : null));
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#wire.flushAfterEvent(this);
  }

  #transmit(): void {
    const peer = this.connection.peerOf(this);
    if (this.#outgoingBytes === 0 || peer === undefined) return;
    const { profile } = this.#wire;
    let window = profile.receiveBufferBytes - peer.unreadBytes - this.#inFlightBytes;
    if (window <= 0) return;
    const [first] = this.#outgoing;
    let burst = this.#outgoing.length === 1 && first ? first : Buffer.concat(this.#outgoing);
    while (burst.length > 0 && window > 0) {
      const cut = Math.min(this.#random.in(profile.segmentBytes), burst.length, window);
      const bytes = burst.subarray(0, cut);
      burst = burst.subarray(cut);
      window -= cut;
      this.#inFlightBytes += cut;
      this.#send(bytes);
    }
    this.#outgoing = burst.length > 0 ? [burst] : [];
    this.#outgoingBytes = burst.length;
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
    return this.#lost.length > 0 || this.#isCutOff();
  }

  /** Something that this end sent reaches the machine of the other end, or does not. */
  #arrive(segment: Segment): void {
    const peer = this.connection.peerOf(this);
    if (peer === undefined) return;
    if (this.#isLosing()) {
      this.#lose(segment);
      return;
    }
    if (typeof segment === 'function') {
      segment();
      return;
    }
    if (isData(segment)) this.#inFlightBytes -= segment.length;
    peer.#accept(segment);
    // An acknowledgement makes room in the send buffer, whether or not the peer's process reads.
    if (this.#blocked !== undefined) this.#learnOfRoom();
    this.#forgetIfDone();
  }

  #lose(segment: Segment): void {
    if (this.#lost.length === 0) this.#lostSinceMs = this.#wire.nowMs;
    this.#lost.push(segment);
    this.#giveUpLater();
  }

  #giveUpLater(): void {
    if (this.#givingUp) return;
    this.#givingUp = true;
    const dueMs = this.#lostSinceMs + this.#wire.profile.retransmitTimeoutMs;
    this.#wire.schedule({
      kind: 'timeout',
      atMs: dueMs,
      side: beforeTimers,
      life: this.life,
      id: this.connection.ordinal,
      fire: () => {
        this.#givingUp = false;
        if (this.#lost.length === 0) return;
        // The path was whole for a while in between: the patience of the kernel began anew.
        if (this.#lostSinceMs + this.#wire.profile.retransmitTimeoutMs > dueMs) this.#giveUpLater();
        else this.#fail(systemError('ETIMEDOUT', 'read'));
      },
    });
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
      this.#received.push(segment);
      this.#receivedBytes += segment.length;
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
      const chunk = this.#received.shift();
      if (chunk === undefined) break;
      this.#receivedBytes -= chunk.length;
      taken = true;
      this.#reading = socket.push(chunk);
      if (this.socket !== socket) return;
    }
    const peer = this.connection.peerOf(this);
    if (taken && peer !== undefined) peer.#learnOfRoom();
    // libuv takes a reset that is found behind data for an end.
    if (taken && this.#error !== undefined) this.#endReceived = true;
    if (this.#endReceived && !this.#endDelivered && this.#received.length === 0) {
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
    const waits = this.#blocked !== undefined || this.#outgoingBytes > 0;
    const peer = this.connection.peerOf(this);
    if (!waits || this.#windowUpdateDue || peer === undefined) return;
    this.#windowUpdateDue = true;
    peer.#schedule('window', () => {
      this.#windowUpdateDue = false;
      // What is lost here is probed for when the path is whole again.
      if (this.vanished || this.connection.isSilent || !this.host.up) return;
      this.#markDirty();
      const { socket } = this;
      if (this.#blocked === undefined || socket === undefined) return;
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
    if (socket === undefined || (!isReading && this.#blocked === undefined)) return;
    this.socket = undefined;
    socket.resource.runInAsyncScope(() => socket.destroy(error));
  }

  /** Nothing more is sent, and the machine does not know this connection any more. */
  forget(): void {
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    this.#lost = [];
    this.host.endpoints.delete(this);
    this.connection.settle();
  }

  /** A closed endpoint stays until its last bytes and its FIN are through. */
  #forgetIfDone(): void {
    if (this.state !== 'closed' || this.#outgoingBytes > 0 || this.#lost.length > 0) return;
    if (this.#inFlightBytes === 0 && this.#finSent) this.forget();
  }
}

function isData(segment: Segment): segment is Uint8Array {
  return segment instanceof Uint8Array;
}

function closedBeforeConnection(): Error {
  const error: NodeJS.ErrnoException = new Error(
    'Socket closed before the connection was established',
  );
  error.code = 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION';
  return error;
}
