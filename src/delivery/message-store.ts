/**
 * Messages in the order they were sent, bounded in number, bytes and age. Owns the bounds and returns what it
 * drops; the outbox reports it.
 */
import type { WebSocket } from 'ws';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';

/** Whatever `send` of a `ws` socket takes. */
export type SendData = Parameters<WebSocket['send']>[0];

export interface StoredMessage {
  readonly data: SendData;
  readonly bytes: number;
  readonly storedAtMs: number;
}

/** How many messages were dropped, and their bytes. */
export interface Dropped {
  readonly messages: number;
  readonly bytes: number;
}

export class MessageStore {
  readonly #options: ResolvedRegistryOptions;
  #messages: StoredMessage[] = [];
  #bytes = 0;

  constructor(options: ResolvedRegistryOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#messages.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldestAtMs(): number | undefined {
    return this.#messages[0]?.storedAtMs;
  }

  canHold(bytes: number): boolean {
    const { outboxMaxMessages, outboxMaxBytes } = this.#options;
    return outboxMaxMessages > 0 && bytes <= outboxMaxBytes;
  }

  /** Makes room for `bytes` more: the oldest messages are dropped first. */
  makeRoom(bytes: number): Dropped {
    const { outboxMaxMessages, outboxMaxBytes } = this.#options;
    return this.#dropWhile(
      (_, size) => size >= outboxMaxMessages || this.#bytes + bytes > outboxMaxBytes,
    );
  }

  add(data: SendData, bytes: number): void {
    this.#messages.push({ data: copyOf(data), bytes, storedAtMs: performance.now() });
    this.#bytes += bytes;
  }

  /** Drops what is older than `outboxMaxAgeMs`. On the monotonic clock, as all durations. */
  dropExpired(): Dropped {
    const bornAfterMs = performance.now() - this.#options.outboxMaxAgeMs;
    return this.#dropWhile((oldest) => oldest.storedAtMs <= bornAfterMs);
  }

  /** Empties it. */
  take(): readonly StoredMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return messages;
  }

  #dropWhile(condition: (oldest: StoredMessage, size: number) => boolean): Dropped {
    let messages = 0;
    let bytes = 0;
    for (const oldest of this.#messages) {
      if (!condition(oldest, this.#messages.length - messages)) break;
      messages += 1;
      bytes += oldest.bytes;
      // Here and not after the loop, since the condition looks at it.
      this.#bytes -= oldest.bytes;
    }
    if (messages > 0) this.#messages.splice(0, messages);
    return { messages, bytes };
  }
}

/**
 * `ws` would send an empty message for `undefined` and `null`, and the outbox would fail: whether a careless
 * `send(maybe)` is noticed would depend on whether a client is connected.
 *
 * @throws {TypeError}
 */
export function checkData(data: SendData | null | undefined): void {
  if (data === undefined || data === null) {
    throw new TypeError(`data must be something that ws can send, got ${data}`);
  }
}

export function bytesOf(data: SendData): number {
  // Stryker disable next-line StringLiteral: only saves a copy whose length would be counted
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (typeof data === 'number') return String(data).length;
  if (data instanceof Blob) return data.size;
  return viewOf(data).byteLength;
}

/** A copy, since the caller may overwrite its buffer before the message is sent. */
function copyOf(data: SendData): SendData {
  if (typeof data === 'string' || typeof data === 'number' || data instanceof Blob) return data;
  return Buffer.from(viewOf(data));
}

function viewOf(data: object): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  // Stryker disable next-line LogicalOperator: a Buffer made of it shows the same bytes
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  // `ws` makes a buffer this way of all else that it takes (an array of bytes, an object with a value).
  return Buffer.from(data as Uint8Array);
}
