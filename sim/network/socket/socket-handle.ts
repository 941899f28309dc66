/** The part of Node's binding that others look at. Moves no bytes: the endpoint does. */

import type { Endpoint } from '../ports.ts';

/** Tells how far a write is, and has what `node:http` pauses and resumes. */
export class SimulatedHandle {
  readonly #endpoint: Endpoint;
  readonly #asyncId: number;
  /** Streams do their own pausing here. */
  reading = true;

  constructor(endpoint: Endpoint, asyncId: number) {
    this.#endpoint = endpoint;
    this.#asyncId = asyncId;
  }

  /** `http.Agent` asks when it gives a socket to the next request. */
  getAsyncId(): number {
    return this.#asyncId;
  }

  get writeQueueSize(): number {
    return this.#endpoint.sender.blockedBytes;
  }

  readStart(): void {}

  readStop(): void {}
}
