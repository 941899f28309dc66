/**
 * The sending half of an endpoint: what the process writes becomes segments on the wire, within the window of the peer,
 * and what is lost on the way is sent again. Cuts are drawn from the stream of its direction.
 */
import { systemError } from '../engine/errors.ts';
import type { Random } from '../engine/random.ts';
import type { EventKind } from '../engine/trace.ts';
import type { Wire } from './connection.ts';
import { Direction } from './direction.ts';
import type { Endpoint } from './endpoint.ts';
import { isData, Retransmission, type Segment } from './retransmission.ts';
import { SendBuffer, type Settled } from './send-buffer.ts';

export class Sender {
  readonly #endpoint: Endpoint;
  readonly #wire: Wire;
  readonly #direction: Direction;
  readonly #buffer: SendBuffer;
  readonly #lost: Retransmission;
  /** The kernel knows this connection no more: what is lost from now on is not sent again. */
  #isForgotten = false;
  /** Something will never come: what was sent after it may arrive, and cannot be read. */
  #hasGap = false;
  #finQueued = false;
  #finSent = false;
  #windowUpdateDue = false;
  #dirty = false;
  /** One for all that is sent from here: there are many segments, and each asks when it arrives. */
  readonly #asksLoss = () => this.#isLosing();

  constructor(endpoint: Endpoint, wire: Wire, random: Random) {
    const { connection } = endpoint;
    this.#endpoint = endpoint;
    this.#wire = wire;
    this.#direction = new Direction(connection, wire, random);
    this.#buffer = new SendBuffer(wire.profile.sendBufferBytes, () => this.#markDirty());
    const giveUp = () => endpoint.fail(systemError('ETIMEDOUT', 'read'));
    this.#lost = new Retransmission(endpoint, wire, () => this.#retry(), giveUp);
  }

  /** Whether the process waits for room. */
  get isBlocked(): boolean {
    return this.#buffer.isBlocked;
  }

  /** What of the process's writes the kernel has not taken yet. */
  get blockedBytes(): number {
    return this.#buffer.blockedBytes;
  }

  /** Everything that was written, and the FIN, is through. */
  get isDone(): boolean {
    if (this.#buffer.waitingBytes > 0 || this.#lost.any) return false;
    return this.#buffer.inFlightBytes === 0 && this.#finSent;
  }

  /** Something was lost, and is sent again by and by. */
  get isRetransmitting(): boolean {
    return this.#lost.isTimed;
  }

  // What the process asks for.

  write(bytes: Uint8Array, done: Settled): void {
    this.#buffer.offer(bytes, done);
    this.takeBlocked();
  }

  takeBlocked(): void {
    if (this.#endpoint.state !== 'opening') this.#buffer.takeBlocked();
  }

  /** Forgets the write that waits, and gives what is to be told of it. */
  cancelBlocked(): Settled | undefined {
    return this.#buffer.cancelBlocked();
  }

  /** Sends a FIN after all that was written. */
  shutdown(): void {
    this.#finQueued = true;
    this.#markDirty();
  }

  // What the kernel does.

  /** Schedules the arrival of something at the other end, in order with everything else of this one. */
  schedule(kind: EventKind, fire: () => void): void {
    this.#direction.schedule(this.#peer, kind, fire);
  }

  /** The last step of the handshake, which is sent again when it was lost, as the data that follows it is. */
  sendAccept(accept: () => void): void {
    const arrive = () => this.#arrive(accept);
    this.#direction.schedule(this.#peer, 'accept', arrive, undefined, this.#asksLoss);
  }

  /** Puts what was written during an event on the wire, joined and cut anew. Called by the loop after the event. */
  flush(): void {
    this.#dirty = false;
    const endpoint = this.#endpoint;
    if (endpoint.vanished || endpoint.state === 'opening') return;
    this.#transmit();
    if (this.#finQueued && !this.#finSent && this.#buffer.waitingBytes === 0) {
      this.#finSent = true;
      this.#send('fin');
    }
    endpoint.forgetIfDone();
  }

  /** The path is whole again: what was lost is sent once more, after everything that is on its way. */
  retransmit(): void {
    if (this.#endpoint.vanished) return;
    if (this.#hearsPeer) this.#hearAnswers();
    if (this.#lost.any) this.#resend();
  }

  /** The time for an answer is over: what is lost is sent once more. */
  #retry(): void {
    const { connection, vanished } = this.#endpoint;
    // The end of a silence is told to both ends, and so is the return of a machine.
    if (vanished || connection.isSilent || this.#peer?.host.up === false) return;
    if (this.#hearsPeer) this.#hearAnswers();
    if (this.#lost.any && !this.#isCutOff()) this.#resend();
  }

  /** Acknowledgements come through again. A window update may have been lost as well; TCP probes for it. */
  #hearAnswers(): void {
    this.#buffer.inFlightBytes -= this.#lost.takeUnanswered();
    this.learnOfRoom();
    this.#endpoint.forgetIfDone();
  }

  #resend(): void {
    const resend = () => {
      for (const segment of this.#lost.takeAll()) this.#arrive(segment);
    };
    const isLost = () => this.#isCutOff();
    this.#direction.schedule(this.#peer, 'segment', resend, () => this.#lost.bytes(), isLost);
  }

  /** The reader has made room; the writer learns of it a latency later, if it waits for that. */
  learnOfRoom(): void {
    const endpoint = this.#endpoint;
    const waits = this.#buffer.isBlocked || this.#buffer.waitingBytes > 0;
    const peer = this.#peer;
    if (!waits || this.#windowUpdateDue || peer === undefined) return;
    this.#windowUpdateDue = true;
    peer.sender.schedule('window', () => {
      this.#windowUpdateDue = false;
      // What is lost here is probed for when the path is whole again.
      const isSilent = endpoint.connection.isSilent && !this.#isAnsweredByProxy;
      if (endpoint.vanished || isSilent || !endpoint.host.up) return;
      if (!this.#hearsPeer) {
        this.#lost.loseWindow();
        this.#lost.startTimer();
        return;
      }
      this.#markDirty();
      if (this.#buffer.isBlocked) endpoint.writable();
    });
  }

  /** Something that a proxy on the way sends in the name of this end. It is lost where the other end is. */
  forge(segment: Uint8Array | 'fin'): void {
    const kind = isData(segment) ? 'segment' : 'fin';
    const payload = isData(segment) ? segment : undefined;
    const isLost = () => this.#peer?.host.up === false || !this.#reachesPeer;
    const arrive = () => {
      if (!isLost()) this.#peer?.receive(segment);
    };
    this.#direction.schedule(this.#peer, kind, arrive, payload, isLost);
  }

  /** Drops what is not on the wire. */
  clear(): void {
    this.#isForgotten = true;
    if (this.#lost.any) this.#hasGap = true;
    this.#buffer.clear();
    this.#lost.clear();
  }

  get #peer(): Endpoint | undefined {
    return this.#endpoint.connection.peerOf(this.#endpoint);
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#wire.flushAfterEvent(this);
  }

  #transmit(): void {
    const buffer = this.#buffer;
    const peer = this.#peer;
    if (buffer.waitingBytes === 0 || peer === undefined) return;
    const { profile } = this.#wire;
    // Nobody will ever read what a process that is gone had not read: a window probe (RFC 9293, 3.8.6.1) finds out.
    const isRead = this.#isAnsweredByProxy || peer.vanished;
    const unreadBytes = isRead ? 0 : peer.unreadBytes;
    let window = profile.receiveBufferBytes - unreadBytes - buffer.inFlightBytes;
    if (window <= 0) return;
    let burst = buffer.takeWaiting();
    while (burst.length > 0 && window > 0) {
      const cut = Math.min(this.#direction.random.in(profile.segmentBytes), burst.length, window);
      const bytes = burst.subarray(0, cut);
      burst = burst.subarray(cut);
      window -= cut;
      buffer.inFlightBytes += cut;
      this.#send(bytes);
    }
    buffer.putBack(burst);
  }

  #send(segment: Uint8Array | 'fin'): void {
    const kind = isData(segment) ? 'segment' : 'fin';
    const payload = isData(segment) ? segment : undefined;
    const arrive = () => this.#arrive(segment);
    this.#direction.schedule(this.#peer, kind, arrive, payload, this.#asksLoss);
  }

  /** Nothing of this end reaches the other machine now. */
  #isCutOff(): boolean {
    if (!this.#reachesPeer) return true;
    if (this.#isAnsweredByProxy) return false;
    return this.#endpoint.connection.isSilent || this.#peer?.host.up === false;
  }

  get #isAnsweredByProxy(): boolean {
    return this.#endpoint.connection.proxied?.answers(this.#endpoint) === true;
  }

  get #reachesPeer(): boolean {
    const peer = this.#peer;
    return peer === undefined || !this.#wire.isCut(this.#endpoint.host, peer.host);
  }

  /** Whether what the other end says gets here. */
  get #hearsPeer(): boolean {
    const peer = this.#peer;
    return peer === undefined || !this.#wire.isCut(peer.host, this.#endpoint.host);
  }

  /** Nothing arrives now, or something from before is missing, and bytes arrive in order or not at all. */
  #isLosing(): boolean {
    return this.#hasGap || this.#lost.any || this.#isCutOff();
  }

  /** Something that this end sent reaches the machine of the other end, or does not. */
  #arrive(segment: Segment): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    if (this.#isLosing()) {
      if (this.#isForgotten) {
        this.#hasGap = true;
        return;
      }
      this.#lost.add(segment);
      if (!this.#reachesPeer) this.#lost.startTimer();
      return;
    }
    if (typeof segment === 'function') {
      segment();
      return;
    }
    if (isData(segment)) this.#acknowledge(segment.length);
    const { proxied } = this.#endpoint.connection;
    if (proxied?.takes(this.#endpoint, segment) !== true) peer.receive(segment);
    // An acknowledgement makes room in the send buffer, whether or not the peer's process reads.
    if (this.#buffer.isBlocked) this.learnOfRoom();
    this.#endpoint.forgetIfDone();
  }

  #acknowledge(bytes: number): void {
    if (this.#hearsPeer) {
      this.#buffer.inFlightBytes -= bytes;
    } else {
      this.#lost.addUnanswered(bytes);
      this.#lost.startTimer();
    }
  }
}
