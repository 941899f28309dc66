/** Whether what one end says reaches the other now, and the other way round. Knows nothing of what is said. */

import type { Endpoint } from '../ports.ts';
import type { Wire } from '../wire.ts';

export class Path {
  readonly #from: Endpoint;
  readonly #wire: Wire;

  constructor(from: Endpoint, wire: Wire) {
    this.#from = from;
    this.#wire = wire;
  }

  /** The other end. */
  get peer(): Endpoint | undefined {
    return this.#from.connection.peerOf(this.#from);
  }

  /** Nothing of this end reaches the other machine now. */
  get isCutOff(): boolean {
    if (!this.reachesPeer) return true;
    if (this.isAnsweredByProxy) return false;
    return this.#from.connection.isSilent || this.peer?.host.up === false;
  }

  /** A proxy on the way takes what this end sends, and keeps it. */
  get isAnsweredByProxy(): boolean {
    return this.#from.connection.proxied?.answers(this.#from) === true;
  }

  get reachesPeer(): boolean {
    const { peer } = this;
    return peer === undefined || !this.#wire.isCut(this.#from.host, peer.host);
  }

  /** Whether what the other end says gets here. */
  get hearsPeer(): boolean {
    const { peer } = this;
    return peer === undefined || !this.#wire.isCut(peer.host, this.#from.host);
  }
}
