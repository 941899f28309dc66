/**
 * The sending half of an endpoint: what the process writes becomes segments on the wire, within the window of the peer,
 * with a FIN behind the last of them. Cuts are drawn from the stream of its direction.
 */
import type { Random } from '../../engine/random.ts';
import type { EventKind } from '../../engine/trace.ts';
import type { Endpoint, EndpointSender, WriteDone } from '../ports.ts';
import type { Wire } from '../wire.ts';
import { assertBytes, failAssertion } from './assertions.ts';
import { SendBuffer } from './send-buffer.ts';
import { Transmission } from './transmission.ts';

export class Sender implements EndpointSender {
  readonly #endpoint: Endpoint;
  readonly #wire: Wire;
  readonly #buffer: SendBuffer;
  readonly #transmission: Transmission;
  #finQueued = false;
  #finSent = false;
  #windowUpdateDue = false;
  #dirty = false;

  constructor(endpoint: Endpoint, wire: Wire, random: Random) {
    this.#endpoint = endpoint;
    this.#wire = wire;
    this.#buffer = new SendBuffer(wire.profile.sendBufferBytes, () => this.#markDirty());
    this.#transmission = new Transmission(endpoint, wire, random, this);
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
    if (this.#buffer.waitingBytes > 0 || this.#transmission.hasLost) return false;
    return this.#buffer.inFlightBytes === 0 && this.#finSent;
  }

  /** Something was lost, and is sent again by and by. */
  get isRetransmitting(): boolean {
    return this.#transmission.isRetransmitting;
  }

  // What the process asks for.

  write(bytes: Uint8Array, done: WriteDone): void {
    this.#buffer.offer(bytes, done);
    this.takeBlocked();
  }

  takeBlocked(): void {
    if (this.#endpoint.state !== 'opening') this.#buffer.takeBlocked();
  }

  /** Forgets the write that waits, and gives what is to be told of it. */
  cancelBlocked(): WriteDone | undefined {
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
    this.#transmission.schedule(kind, fire);
  }

  /** The last step of the handshake, which is sent again when it was lost, as the data that follows it is. */
  sendAccept(accept: () => void): void {
    this.#transmission.sendAccept(accept);
  }

  /** Something that a proxy on the way sends in the name of this end. */
  forge(segment: Uint8Array | 'fin'): void {
    this.#transmission.forge(segment);
  }

  /** The path is whole again: what was lost is sent once more. */
  retransmit(): void {
    this.#transmission.retransmit();
  }

  /** Puts what was written during an event on the wire, joined and cut anew. Called by the engine after the event. */
  flush(): void {
    this.#dirty = false;
    const endpoint = this.#endpoint;
    if (endpoint.vanished || endpoint.state === 'opening') return;
    this.#transmit();
    if (this.#finQueued && !this.#finSent && this.#buffer.waitingBytes === 0) {
      this.#finSent = true;
      this.#transmission.send('fin');
    }
    endpoint.forgetIfDone();
  }

  /** The reader has made room; the writer learns of it a latency later, if it waits for that. */
  learnOfRoom(): void {
    const endpoint = this.#endpoint;
    const { path } = this.#transmission;
    const waits = this.#buffer.isBlocked || this.#buffer.waitingBytes > 0;
    const { peer } = path;
    if (!waits || this.#windowUpdateDue || peer === undefined) return;
    this.#windowUpdateDue = true;
    peer.sender.schedule('window', () => {
      this.#windowUpdateDue = false;
      // What is lost here is probed for when the path is whole again.
      const isSilent = endpoint.connection.isSilent && !path.isAnsweredByProxy;
      if (endpoint.vanished || isSilent || !endpoint.host.up) return;
      if (!path.hearsPeer) {
        this.#transmission.loseWindow();
        return;
      }
      this.#markDirty();
      if (this.#buffer.isBlocked) endpoint.writable();
    });
  }

  /** Drops what is not on the wire. */
  clear(): void {
    this.#buffer.clear();
    this.#transmission.forget();
  }

  // What the transmission tells.

  acknowledged(bytes: number): void {
    this.#buffer.inFlightBytes -= bytes;
    this.#assertInFlight();
  }

  arrived(): void {
    // An acknowledgement makes room in the send buffer, whether or not the peer's process reads.
    if (this.#buffer.isBlocked) this.learnOfRoom();
    this.#endpoint.forgetIfDone();
  }

  answersCome(): void {
    this.learnOfRoom();
    this.#endpoint.forgetIfDone();
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#wire.flushAfterEvent(this);
  }

  #transmit(): void {
    const buffer = this.#buffer;
    const { path, random } = this.#transmission;
    const { peer } = path;
    if (buffer.waitingBytes === 0 || peer === undefined) return;
    const { profile } = this.#wire;
    // A process that is gone will never read the rest: a window probe (RFC 9293, 3.8.6.1) finds out.
    const isRead = path.isAnsweredByProxy || peer.vanished;
    const unreadBytes = isRead ? 0 : peer.unreadBytes;
    let window = profile.receiveBufferBytes - unreadBytes - buffer.inFlightBytes;
    if (window <= 0) return;
    if (this.#finSent) failAssertion('an endpoint sent data after its FIN');
    let burst = buffer.takeWaiting();
    while (burst.length > 0 && window > 0) {
      const cut = Math.min(random.in(profile.segmentBytes), burst.length, window);
      const bytes = burst.subarray(0, cut);
      burst = burst.subarray(cut);
      window -= cut;
      buffer.inFlightBytes += cut;
      this.#transmission.send(bytes);
    }
    buffer.putBack(burst);
    this.#assertInFlight();
  }

  /** What a kernel that has forgotten the connection holds is not counted any more. */
  #assertInFlight(): void {
    if (this.#transmission.isForgotten) return;
    const { inFlightBytes } = this.#buffer;
    assertBytes('bytes in flight', inFlightBytes, this.#transmission.unacknowledgedBytes);
  }
}
