/** The kernel's send buffer of one endpoint: what was written and is not on the wire, and how much is on its way. */

import type { WriteDone } from '../ports.ts';
import { assertBytes } from './assertions.ts';

export class SendBuffer {
  readonly #roomBytes: number;
  readonly #filled: () => void;
  #waiting: Uint8Array[] = [];
  /** Written, and not yet on the wire. */
  waitingBytes = 0;
  /** On the wire, and not yet in the receive buffer of the peer. */
  inFlightBytes = 0;
  /** A write that found no room. Node hands over one at a time. */
  #blocked: { readonly bytes: Uint8Array; readonly done: WriteDone } | undefined;

  /** @param filled Called when there is something new to put on the wire. */
  constructor(roomBytes: number, filled: () => void) {
    this.#roomBytes = roomBytes;
    this.#filled = filled;
  }

  /** Whether the process waits for room. */
  get isBlocked(): boolean {
    return this.#blocked !== undefined;
  }

  /** What of the process's writes the kernel has not taken yet. */
  get blockedBytes(): number {
    return this.#blocked?.bytes.length ?? 0;
  }

  offer(bytes: Uint8Array, done: WriteDone): void {
    this.#blocked = { bytes, done };
  }

  /** Takes as much of the write that waits as there is room for. */
  takeBlocked(): void {
    const blocked = this.#blocked;
    if (blocked === undefined) return;
    const room = this.#roomBytes - this.waitingBytes - this.inFlightBytes;
    const { bytes, done } = blocked;
    if (room <= 0 && bytes.length > 0) return;
    // The caller may reuse its buffer as soon as it is told that the write is done.
    const taken = Buffer.from(bytes.subarray(0, room));
    this.#waiting.push(taken);
    this.waitingBytes += taken.length;
    this.#filled();
    if (taken.length < bytes.length) {
      this.#blocked = { bytes: bytes.subarray(taken.length), done };
      return;
    }
    this.#blocked = undefined;
    done();
  }

  /** Forgets the write that waits, and gives what is to be told of it. */
  cancelBlocked(): WriteDone | undefined {
    const blocked = this.#blocked;
    this.#blocked = undefined;
    return blocked?.done;
  }

  /** Everything that waits, joined. What cannot be sent now is to be put back. */
  takeWaiting(): Uint8Array {
    const [first] = this.#waiting;
    const burst = this.#waiting.length === 1 && first ? first : Buffer.concat(this.#waiting);
    assertBytes('bytes that wait to be sent', this.waitingBytes, burst.length);
    this.clear();
    return burst;
  }

  putBack(rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.#waiting = [rest];
    this.waitingBytes = rest.length;
  }

  /** Drops what is not on the wire. */
  clear(): void {
    this.#waiting = [];
    this.waitingBytes = 0;
  }
}
