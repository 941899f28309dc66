/**
 * What one endpoint sent and has no answer to: segments that the network swallowed, in order, and bytes whose
 * acknowledgement it swallowed. They are sent again when the path is whole, or the kernel gives up.
 */
import { beforeTimers } from '../../engine/event-queue.ts';
import type { Endpoint } from '../ports.ts';
import type { Wire } from '../wire.ts';
import { isData, type SentSegment } from './segment.ts';

/** Linux's `TCP_RTO_MIN` and `TCP_RTO_MAX`. */
const firstTimeoutMs = 200;
const longestTimeoutMs = 120_000;

export class Retransmission {
  readonly #wire: Wire;
  readonly #endpoint: Pick<Endpoint, 'owner' | 'connection'>;
  readonly #retry: () => void;
  readonly #giveUp: () => void;
  #segments: SentSegment[] = [];
  #unansweredBytes = 0;
  /** An update of the peer's window was lost; TCP probes for it. */
  #windowIsUnknown = false;
  #sinceMs = 0;
  #givingUp = false;
  #timeoutMs = firstTimeoutMs;
  #timerIsOn = false;

  /**
   * @param retry Called when it is time to send again.
   * @param giveUp Called when the patience of the kernel is over.
   */
  constructor(
    endpoint: Pick<Endpoint, 'owner' | 'connection'>,
    wire: Wire,
    retry: () => void,
    giveUp: () => void,
  ) {
    this.#endpoint = endpoint;
    this.#wire = wire;
    this.#retry = retry;
    this.#giveUp = giveUp;
  }

  /** Whether segments are missing. What is sent later cannot be read before they have come. */
  get any(): boolean {
    return this.#segments.length > 0;
  }

  /** Whether it waits for its own timer, and not for the end of a silence. */
  get isTimed(): boolean {
    return this.#timerIsOn;
  }

  /** The data among what is lost, joined. */
  bytes(): Uint8Array {
    return Buffer.concat(this.#segments.map(({ segment }) => segment).filter(isData));
  }

  add(segment: SentSegment): void {
    this.#begin();
    this.#segments.push(segment);
    this.#giveUpLater();
  }

  /** So many bytes have arrived, and their sender does not know. */
  addUnanswered(bytes: number): void {
    this.#begin();
    this.#unansweredBytes += bytes;
    this.#giveUpLater();
  }

  loseWindow(): void {
    this.#windowIsUnknown = true;
  }

  takeAll(): readonly SentSegment[] {
    const segments = this.#segments;
    this.#segments = [];
    return segments;
  }

  /** Bytes that have arrived, and whose sender does not know. */
  get unansweredBytes(): number {
    return this.#unansweredBytes;
  }

  /** How many bytes are answered after all, now that answers come through. */
  takeUnanswered(): number {
    const bytes = this.#unansweredBytes;
    this.#unansweredBytes = 0;
    this.#windowIsUnknown = false;
    return bytes;
  }

  clear(): void {
    this.#segments = [];
    this.takeUnanswered();
  }

  /** Has it sent again after 200 ms, and twice as long each time that this does not help. */
  startTimer(): void {
    if (this.#timerIsOn) return;
    this.#timeoutMs = firstTimeoutMs;
    this.#setTimer();
  }

  get #waits(): boolean {
    return this.#segments.length > 0 || this.#unansweredBytes > 0 || this.#windowIsUnknown;
  }

  #begin(): void {
    if (this.#segments.length === 0 && this.#unansweredBytes === 0)
      this.#sinceMs = this.#wire.nowMs;
  }

  #setTimer(): void {
    this.#timerIsOn = true;
    this.#schedule('retransmit', this.#wire.nowMs + this.#timeoutMs, () => {
      this.#timerIsOn = false;
      if (!this.#waits) return;
      this.#timeoutMs = Math.min(this.#timeoutMs * 2, longestTimeoutMs);
      this.#retry();
      if (this.#waits) this.#setTimer();
    });
  }

  #giveUpLater(): void {
    if (this.#givingUp) return;
    this.#givingUp = true;
    const dueMs = this.#sinceMs + this.#wire.profile.retransmitTimeoutMs;
    this.#schedule('timeout', dueMs, () => {
      this.#givingUp = false;
      if (this.#segments.length === 0 && this.#unansweredBytes === 0) return;
      // The path was whole for a while in between: the patience of the kernel began anew.
      if (this.#sinceMs + this.#wire.profile.retransmitTimeoutMs > dueMs) this.#giveUpLater();
      else this.#giveUp();
    });
  }

  #schedule(kind: 'retransmit' | 'timeout', atMs: number, fire: () => void): void {
    const { owner, connection } = this.#endpoint;
    this.#wire.schedule({ kind, atMs, side: beforeTimers, owner, id: connection.ordinal, fire });
  }
}
