/** The kernel's receive buffer of one endpoint: what has arrived and was not read. */

import { assertBytes } from './assertions.ts';

export class ReceiveBuffer {
  readonly #chunks: Uint8Array[] = [];
  unreadBytes = 0;

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  add(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.unreadBytes += bytes.length;
  }

  take(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.unreadBytes -= chunk.length;
    if (this.#chunks.length === 0) assertBytes('unread bytes', this.unreadBytes, 0);
    return chunk;
  }
}
