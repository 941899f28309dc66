/**
 * What the parts of the network know of each other: interfaces alone, so that a connection, its two ends, their sockets
 * and their hosts can refer to each other without one module needing the other.
 */
import type { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import type { EventKind } from '../engine/trace.ts';
import type { HostIdentity, SimulatedProcess } from '../process/simulated-process.ts';
import type { ReverseProxy } from './proxy/proxy-options.ts';
import type { Segment } from './tcp/segment.ts';

/** A machine, as its connections see it. */
export interface Machine extends HostIdentity {
  /** False while the machine has no power. */
  readonly up: boolean;
  /** What is added to each segment's latency, until when. */
  readonly slowLink: { readonly addedMs: number; readonly untilMs: number };
  /** Every TCP endpoint that its kernel still knows. */
  readonly endpoints: Set<Endpoint>;
  /** Every socket of its processes that was not destroyed. */
  readonly sockets: Set<EndpointSocket>;
}

/** A connection, as its ends and a proxy on the way see it. */
export interface Connection {
  /** Position among the connections of the run, from 1. */
  readonly ordinal: number;
  /** Within one machine, by an address of 127.0.0.0/8. */
  readonly isLoopback: boolean;
  readonly client: Endpoint | undefined;
  readonly server: Endpoint | undefined;
  /** Segments vanish in both directions, and neither end is told. */
  readonly isSilent: boolean;
  /** It is silent for good: the address of one end is not there any more. */
  readonly isSevered: boolean;
  /** Both ends were open once. */
  readonly wasEstablished: boolean;
  /** What a proxy on the way knows of it, if there is one. */
  proxied: Proxied | undefined;
  peerOf(endpoint: Endpoint): Endpoint | undefined;
  sever(): void;
  repair(): void;
  /** An endpoint tells it that it has forgotten everything. */
  settle(): void;
}

export type EndpointState = 'opening' | 'open' | 'closed';

/** One end of a connection, as its connection, its peer, its socket and a proxy see it. */
export interface Endpoint {
  readonly connection: Connection;
  readonly host: Machine;
  readonly owner: SimulatedProcess;
  readonly address: string;
  readonly port: number;
  readonly sender: EndpointSender;
  readonly socket: EndpointSocket | undefined;
  readonly state: EndpointState;
  /** The machine lost power and knows nothing of this connection. */
  readonly vanished: boolean;
  /** True while this end could still send or receive. */
  readonly isOpen: boolean;
  /** A RST has come in, which the process may not know yet. */
  readonly wasReset: boolean;
  readonly unreadBytes: number;
  write(bytes: Uint8Array, done: WriteDone): void;
  read(): void;
  close(reset: boolean): void;
  orphan(): void;
  opened(): void;
  writable(): void;
  receive(segment: Uint8Array | 'fin'): void;
  sendReset(): void;
  forgeReset(peer: Endpoint, from?: 'this-end' | 'on-the-way'): void;
  fail(error: NodeJS.ErrnoException): void;
  vanish(): void;
  forget(): void;
  forgetIfDone(): void;
}

/** The sending half of an endpoint. */
export interface EndpointSender {
  readonly isBlocked: boolean;
  readonly blockedBytes: number;
  readonly isDone: boolean;
  readonly isRetransmitting: boolean;
  takeBlocked(): void;
  shutdown(): void;
  retransmit(): void;
  schedule(kind: EventKind, fire: () => void): void;
  /** The receiver has read: there may be room in its window. */
  learnOfRoom(): void;
  forge(segment: Uint8Array | 'fin'): void;
}

/** Tells the process what became of a write. */
export type WriteDone = (error?: Error | null) => void;

/** The socket of the process, as its endpoint and the judges of a run see it. */
export interface EndpointSocket extends Duplex {
  /** The asynchronous context in which Node would deliver its events. */
  readonly resource: AsyncResource;
  readonly readyState: 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed';
  /** When bytes last arrived, on the clock of `performance.now()`. */
  readonly lastReceivedMs: number;
  established(): void;
  noteReceived(bytes: number): void;
  abandon(): void;
}

/** What a proxy knows of one connection through it. */
export interface Proxied {
  readonly proxy: ReverseProxy;
  answers(end: Endpoint): boolean;
  takes(end: Endpoint, segment: Segment): boolean;
  takesReset(end: Endpoint): boolean;
  end(): void;
}
