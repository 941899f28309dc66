/**
 * What one endpoint has put on the wire, until it arrives at the other: in order and each byte once, or lost and sent
 * again. Does not know what waits to be sent, nor how much room there is.
 */
import { systemError } from '../../engine/errors.ts';
import type { Random } from '../../engine/random.ts';
import type { EventKind } from '../../engine/trace.ts';
import type { Endpoint } from '../ports.ts';
import type { Wire } from '../wire.ts';
import { ByteCount } from './assertions.ts';
import { Direction } from './direction.ts';
import { Path } from './path.ts';
import { Retransmission } from './retransmission.ts';
import { isData, type Segment, type SentSegment } from './segment.ts';

/** What a transmission tells the sender. */
interface SendingHalf {
  /** So many bytes are known to have arrived. */
  acknowledged(bytes: number): void;
  /** A segment has arrived, and was dealt with. */
  arrived(): void;
  /** Answers come through again, after a time without. */
  answersCome(): void;
}

export class Transmission {
  readonly path: Path;
  /** Cuts are drawn from it too. */
  readonly random: Random;
  readonly #endpoint: Endpoint;
  readonly #half: SendingHalf;
  readonly #direction: Direction;
  readonly #lost: Retransmission;
  readonly #count = new ByteCount();
  /** The kernel knows this connection no more: what is lost from now on is not sent again. */
  #isForgotten = false;
  /** Something will never come: what was sent after it may arrive, and cannot be read. */
  #hasGap = false;
  /** One for all that is sent from here: there are many segments, and each asks when it arrives. */
  readonly #asksLoss = () => this.#isLosing();

  constructor(endpoint: Endpoint, wire: Wire, random: Random, half: SendingHalf) {
    this.#endpoint = endpoint;
    this.#half = half;
    this.random = random;
    this.path = new Path(endpoint, wire);
    this.#direction = new Direction(endpoint.connection, wire, random);
    const giveUp = () => endpoint.fail(systemError('ETIMEDOUT', 'read'));
    this.#lost = new Retransmission(endpoint, wire, () => this.#retry(), giveUp);
  }

  /** Something was lost and was not sent again so far. */
  get hasLost(): boolean {
    return this.#lost.any;
  }

  /** Something was lost, and is sent again by and by. */
  get isRetransmitting(): boolean {
    return this.#lost.isTimed;
  }

  get isForgotten(): boolean {
    return this.#isForgotten;
  }

  /** Bytes that have not arrived, or whose acknowledgement has not. */
  get unacknowledgedBytes(): number {
    return this.#count.underWay + this.#lost.unansweredBytes;
  }

  /** Schedules the arrival of something at the other end, in order with everything else of this one. */
  schedule(kind: EventKind, fire: () => void): void {
    this.#direction.schedule(this.path.peer, kind, fire);
  }

  /** The last step of the handshake, which is sent again when it was lost, as the data that follows it is. */
  sendAccept(accept: () => void): void {
    this.#send('accept', accept, undefined);
  }

  send(segment: Uint8Array | 'fin'): void {
    if (isData(segment)) this.#send('segment', segment, segment);
    else this.#send('fin', segment, undefined);
  }

  /** Something that a proxy on the way sends in the name of this end. It is lost where the other end is. */
  forge(segment: Uint8Array | 'fin'): void {
    const kind = isData(segment) ? 'segment' : 'fin';
    const payload = isData(segment) ? segment : undefined;
    const isLost = () => this.path.peer?.host.up === false || !this.path.reachesPeer;
    const arrive = () => {
      if (!isLost()) this.path.peer?.receive(segment);
    };
    this.#direction.schedule(this.path.peer, kind, arrive, payload, isLost);
  }

  /** The path is whole again: what was lost is sent once more, after everything that is on its way. */
  retransmit(): void {
    if (this.#endpoint.vanished) return;
    if (this.path.hearsPeer) this.#hearAnswers();
    if (this.#lost.any) this.#resend();
  }

  /** An update of the peer's window was lost; TCP probes for it. */
  loseWindow(): void {
    this.#lost.loseWindow();
    this.#lost.startTimer();
  }

  /** The kernel forgets the connection. What is on the wire still arrives. */
  forget(): void {
    this.#isForgotten = true;
    if (this.#lost.any) this.#hasGap = true;
    this.#lost.clear();
  }

  /** The time for an answer is over: what is lost is sent once more. */
  #retry(): void {
    const { connection, vanished } = this.#endpoint;
    // The end of a silence is told to both ends, and so is the return of a machine.
    if (vanished || connection.isSilent || this.path.peer?.host.up === false) return;
    if (this.path.hearsPeer) this.#hearAnswers();
    if (this.#lost.any && !this.path.isCutOff) this.#resend();
  }

  /** Acknowledgements come through again. A window update may have been lost as well; TCP probes for it. */
  #hearAnswers(): void {
    this.#half.acknowledged(this.#lost.takeUnanswered());
    this.#half.answersCome();
  }

  #resend(): void {
    const resend = () => {
      for (const sent of this.#lost.takeAll()) this.#arrive(sent);
    };
    const isLost = () => this.path.isCutOff;
    this.#direction.schedule(this.path.peer, 'segment', resend, () => this.#lost.bytes(), isLost);
  }

  #send(kind: 'accept' | 'segment' | 'fin', segment: Segment, payload?: Uint8Array): void {
    const sent = { segment, at: this.#count.send(payload?.length ?? 0) };
    const arrive = () => this.#arrive(sent);
    this.#direction.schedule(this.path.peer, kind, arrive, payload, this.#asksLoss);
  }

  /** Nothing arrives now, or something from before is missing, and bytes arrive in order or not at all. */
  #isLosing(): boolean {
    return this.#hasGap || this.#lost.any || this.path.isCutOff;
  }

  /** Something that this end sent reaches the machine of the other end, or does not. */
  #arrive(sent: SentSegment): void {
    const { peer } = this.path;
    if (peer === undefined) return;
    if (this.#isLosing()) {
      if (this.#isForgotten) {
        this.#hasGap = true;
        return;
      }
      this.#lost.add(sent);
      if (!this.path.reachesPeer) this.#lost.startTimer();
      return;
    }
    const { segment } = sent;
    this.#count.arrive(sent.at, isData(segment) ? segment.length : 0);
    if (typeof segment === 'function') {
      segment();
      return;
    }
    if (isData(segment)) this.#acknowledge(segment.length);
    const { proxied } = this.#endpoint.connection;
    if (proxied?.takes(this.#endpoint, segment) !== true) peer.receive(segment);
    this.#half.arrived();
  }

  #acknowledge(bytes: number): void {
    if (this.path.hearsPeer) {
      this.#half.acknowledged(bytes);
    } else {
      this.#lost.addUnanswered(bytes);
      this.#lost.startTimer();
    }
  }
}
