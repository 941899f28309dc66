/** One simulated TCP connection: its two ends, and whether anything gets from one to the other. Bytes are theirs. */

import type { Connection, Endpoint, Proxied } from '../ports.ts';
import type { Wire } from '../wire.ts';

export class TcpConnection implements Connection {
  readonly ordinal: number;
  readonly isLoopback: boolean;
  readonly #wire: Wire;
  client: Endpoint | undefined;
  server: Endpoint | undefined;
  isSilent = false;
  isSevered = false;
  proxied: Proxied | undefined;
  wasEstablished = false;

  constructor(ordinal: number, isLoopback: boolean, wire: Wire) {
    this.ordinal = ordinal;
    this.isLoopback = isLoopback;
    this.#wire = wire;
  }

  peerOf(endpoint: Endpoint): Endpoint | undefined {
    return endpoint === this.client ? this.server : this.client;
  }

  /** Whether one of its ends has lost something that it will send again by itself. */
  get waitsForRetransmission(): boolean {
    const { client, server } = this;
    return client?.sender.isRetransmitting === true || server?.sender.isRetransmitting === true;
  }

  /** Nothing gets through any more, for good, and neither end is told. */
  sever(): void {
    this.isSilent = true;
    this.isSevered = true;
  }

  /** The silence is over: both ends send again what was lost. */
  repair(): void {
    if (this.isSevered) return;
    this.isSilent = false;
    this.client?.sender.retransmit();
    this.server?.sender.retransmit();
  }

  settle(): void {
    const nothingAnswers = this.isSilent || this.client?.vanished === true;
    if (nothingAnswers && this.client?.state === 'closed' && this.server?.state === 'opening') {
      // Half of a handshake whose other half will never come. No process has heard of it.
      this.server.vanish();
      return;
    }
    const clientDone = this.client === undefined || this.client.state === 'closed';
    const serverDone = this.server === undefined || this.server.state === 'closed';
    if (clientDone && serverDone) this.#wire.connectionEnded(this);
  }
}
