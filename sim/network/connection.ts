/** One simulated TCP connection: two endpoints and what lies between them. */

import type { PlannedEvent } from '../engine/event-queue.ts';
import type { NetworkProfile } from '../scenario/scenario.ts';
import type { Endpoint } from './endpoint.ts';
import type { Host } from './host.ts';
import type { Priorities } from './priorities.ts';
import type { ProxiedConnection } from './proxy.ts';
import type { Sender } from './sender.ts';

/** What an endpoint needs of the run. */
export interface Wire {
  readonly profile: NetworkProfile;
  readonly nowMs: number;
  /** Ordinal of the event that is happening. */
  readonly eventNumber: number;
  /** Who goes first, where priorities decide that. */
  readonly priorities: Priorities | undefined;
  /** Puts an event in the queue; its cause is the event that is happening, if none is given. */
  schedule(event: PlannedEvent, cause?: number): void;
  /** Has `sender.flush()` called once the current event is over, in the order of the calls. */
  flushAfterEvent(sender: Sender): void;
  /** What the state of the two hosts adds to the latency now. */
  addedLatencyMs(connection: Connection): number;
  /** Whether a partition keeps everything from getting from one host to the other now. */
  isCut(from: Host, to: Host): boolean;
  /** Both ends are closed. */
  connectionEnded(connection: Connection): void;
}

export class Connection {
  /** Position among the connections of the run, from 1. */
  readonly ordinal: number;
  /** Within one machine, by an address of 127.0.0.0/8. */
  readonly isLoopback: boolean;
  readonly #wire: Wire;
  client: Endpoint | undefined;
  server: Endpoint | undefined;
  /** Segments vanish in both directions and nobody is told. */
  isSilent = false;
  /** It is silent for good: the address of one end is not there any more. */
  isSevered = false;
  /** What a proxy on the way knows of it, if there is one. */
  proxied: ProxiedConnection | undefined;
  /** Both ends were open once. */
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

  /** Nothing gets through any more, for good, and nobody is told. */
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

  /** Told by an endpoint that has forgotten everything. */
  settle(): void {
    const nobodyAnswers = this.isSilent || this.client?.vanished === true;
    if (nobodyAnswers && this.client?.state === 'closed' && this.server?.state === 'opening') {
      // Half of a handshake whose other half will never come. No process has heard of it.
      this.server.vanish();
      return;
    }
    const clientDone = this.client === undefined || this.client.state === 'closed';
    const serverDone = this.server === undefined || this.server.state === 'closed';
    if (clientDone && serverDone) this.#wire.connectionEnded(this);
  }
}
