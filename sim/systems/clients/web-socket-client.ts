/**
 * The simulated WebSocket client: the real `ws` client on a host of its own. It opens a connection, sends on it and
 * ends it. Its caller decides when to reconnect and what a message means.
 */
import type { IncomingMessage } from 'node:http';
import { type RawData, WebSocket } from 'ws';
import type { Host } from '../../network/hosts/host.ts';

export interface ConnectRequest {
  readonly url: string;
  readonly authorization: string;
  /** @default none: an upgrade may take for ever */
  readonly handshakeTimeoutMs?: number;
}

/** Events of one connection. `ended` is the last call, unless the upgrade is never answered. */
export interface ConnectionListener {
  upgraded?(response: IncomingMessage): void;
  opened?(): void;
  heard?(data: RawData): void;
  /** The head of a refusal has arrived. */
  refused?(response: IncomingMessage): void;
  /** The refusal has been read completely. */
  refusalRead?(response: IncomingMessage): void;
  failed?(error: Error): void;
  /** @param code Of the close frame, 1006 without one; `undefined` after a refusal. */
  ended?(code: number | undefined, reason: Buffer): void;
}

/** Fills the mask of a frame. Without it `ws` takes the mask from a pool that outlives the run. */
export type FillMask = (mask: Buffer) => void;

/** The same mask for every frame, for tests without randomness. */
export const constantMask: FillMask = (mask) => mask.fill(7);

export class WebSocketClient {
  readonly host: Host;
  /** The last connection that was opened; `undefined` once the caller has abandoned it. */
  socket: WebSocket | undefined;
  /** Whether it stopped reading: it answers no ping and no close frame, while its TCP is alive. */
  isDeaf = false;
  readonly #masksOf: (connection: number) => FillMask;
  #connections = 0;

  /** @param masksOf Gives the masks of a connection, by its number on this client, from 1. */
  constructor(host: Host, masksOf: (connection: number) => FillMask) {
    this.host = host;
    this.#masksOf = masksOf;
  }

  get isOpen(): boolean {
    return this.host.process?.alive === true && this.socket?.readyState === WebSocket.OPEN;
  }

  get isConnecting(): boolean {
    return this.socket?.readyState === WebSocket.CONNECTING;
  }

  /** Runs `body` as code of the client; `undefined` when its process is dead. */
  inHost<T>(body: () => T): T | undefined {
    const { process: owner } = this.host;
    return owner?.alive ? owner.run(body) : undefined;
  }

  /** Its process starts, with nothing open. */
  booted(): void {
    this.socket = undefined;
    this.isDeaf = false;
  }

  /** Opens a connection, whether or not it has one. To be called as code of the client. */
  open(
    { url, authorization, handshakeTimeoutMs }: ConnectRequest,
    on: ConnectionListener,
  ): WebSocket {
    const fill = this.#masksOf(++this.#connections);
    const socket = new WebSocket(url, {
      headers: { authorization },
      generateMask: fill,
      perMessageDeflate: false,
      ...(handshakeTimeoutMs === undefined ? {} : { handshakeTimeout: handshakeTimeoutMs }),
    });
    this.socket = socket;
    this.isDeaf = false;
    socket.on('upgrade', (response) => on.upgraded?.(response));
    socket.on('open', () => on.opened?.());
    socket.on('message', (data) => on.heard?.(data));
    socket.on('unexpected-response', (request, response) => {
      on.refused?.(response);
      response.resume();
      response.on('close', () => {
        on.refusalRead?.(response);
        request.destroy();
        on.ended?.(undefined, Buffer.alloc(0));
      });
    });
    // Every error of a client is followed by its `close`; without a listener it would end the process.
    socket.on('error', (error) => on.failed?.(error));
    socket.on('close', (code, reason) => on.ended?.(code, reason));
    return socket;
  }

  /** Sends a text if a connection is open and read, since a frame is a sign of life. Returns whether it did. */
  say(text: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN || this.isDeaf) return false;
    this.socket.send(text);
    return true;
  }

  /** With a close frame; a connection that is not open yet ends without one. */
  close(code: number, reason?: string): void {
    this.socket?.close(code, reason);
  }

  /** With a RST, whatever state the connection is in. Returns whether it has one. */
  reset(): boolean {
    const raw = this.#rawSocket();
    raw?.resetAndDestroy();
    return raw !== undefined;
  }

  /** Returns whether it has an open connection that it read until now. */
  stopReading(): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN || this.isDeaf) return false;
    this.socket.pause();
    this.isDeaf = true;
    return true;
  }

  /** Writes bytes directly to the TCP socket, whether or not they are a frame. */
  sendBytes(bytes: Uint8Array): void {
    this.#rawSocket()?.write(bytes);
  }

  /** The TCP socket of the connection, from the first byte of its upgrade on. */
  #rawSocket(): RawSocket | undefined {
    const inner = this.socket as unknown as
      | { readonly _socket?: RawSocket; readonly _req?: { readonly socket?: RawSocket | null } }
      | undefined;
    return inner?._socket ?? inner?._req?.socket ?? undefined;
  }
}

interface RawSocket {
  resetAndDestroy(): unknown;
  write(bytes: Uint8Array): boolean;
}
