/** What a simulated socket is made with. */
import type { Server } from 'node:net';

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface SocketOptions {
  readonly allowHalfOpen: boolean;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly connecting: boolean;
  /** The server that accepted it. It counts its connections, and replaces the date of its responses. */
  readonly server?: Server & { _connections: number; _emitCloseIfDrained(): void };
  /** Rewrites what is written, for what the platform stamps with real time. */
  readonly rewrite?: ((bytes: Buffer) => Buffer) | undefined;
}
