/** What the network swallowed of one endpoint, in order, until the path is whole again or the kernel gives up. */
import { beforeTimers } from '../queue.ts';
import type { Connection, Wire } from './connection.ts';
import type { Endpoint } from './endpoint.ts';

/** Something that travels, or that waits to be sent again: data, the end of it, or the last step of the handshake. */
export type Segment = Uint8Array | 'fin' | (() => void);

export function isData(segment: Segment): segment is Uint8Array {
  return segment instanceof Uint8Array;
}

export class LostSegments {
  readonly #wire: Wire;
  readonly #endpoint: Endpoint;
  readonly #connection: Connection;
  readonly #giveUp: () => void;
  #segments: Segment[] = [];
  #sinceMs = 0;
  #givingUp = false;

  /** @param giveUp Called when the patience of the kernel is over. */
  constructor(endpoint: Endpoint, connection: Connection, wire: Wire, giveUp: () => void) {
    this.#endpoint = endpoint;
    this.#connection = connection;
    this.#wire = wire;
    this.#giveUp = giveUp;
  }

  get any(): boolean {
    return this.#segments.length > 0;
  }

  /** The data among it, joined. */
  bytes(): Uint8Array {
    return Buffer.concat(this.#segments.filter(isData));
  }

  add(segment: Segment): void {
    if (this.#segments.length === 0) this.#sinceMs = this.#wire.nowMs;
    this.#segments.push(segment);
    this.#giveUpLater();
  }

  takeAll(): readonly Segment[] {
    const segments = this.#segments;
    this.#segments = [];
    return segments;
  }

  #giveUpLater(): void {
    if (this.#givingUp) return;
    this.#givingUp = true;
    const dueMs = this.#sinceMs + this.#wire.profile.retransmitTimeoutMs;
    this.#wire.schedule({
      kind: 'timeout',
      atMs: dueMs,
      side: beforeTimers,
      life: this.#endpoint.life,
      id: this.#connection.ordinal,
      fire: () => {
        this.#givingUp = false;
        if (this.#segments.length === 0) return;
        // The path was whole for a while in between: the patience of the kernel began anew.
        if (this.#sinceMs + this.#wire.profile.retransmitTimeoutMs > dueMs) this.#giveUpLater();
        else this.#giveUp();
      },
    });
  }
}
