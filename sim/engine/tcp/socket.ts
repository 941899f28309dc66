/**
 * The process's end of a simulated TCP connection: a `stream.Duplex` that has what users of `net.Socket` look for, and
 * emits its events in the same order. Knows nothing of the network but its endpoint.
 */
import { AsyncResource } from 'node:async_hooks';
import type { AddressInfo, Server } from 'node:net';
import { Duplex } from 'node:stream';
import type { Endpoint } from './endpoint.ts';

type Settled = (error?: Error | null) => void;

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

interface SocketOptions {
  readonly allowHalfOpen: boolean;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly connecting: boolean;
  /** The server that accepted it. It counts its connections, and replaces the date of its responses. */
  readonly server?: Server & { _connections: number; _emitCloseIfDrained(): void };
  /** Rewrites what is written, for what the platform stamps with real time. */
  readonly rewrite?: (bytes: Buffer) => Buffer;
}

export class SimulatedSocket extends Duplex {
  /** The asynchronous context in which Node would deliver its events. */
  readonly resource = new AsyncResource('TCPSOCKETWRAP', { requireManualDestroy: true });
  readonly localAddress: string;
  readonly localPort: number;
  readonly localFamily = 'IPv4';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly remoteFamily = 'IPv4';
  connecting: boolean;
  bytesRead = 0;
  timeout: number | undefined;
  readonly server: SocketOptions['server'];
  readonly #rewrite: ((bytes: Buffer) => Buffer) | undefined;
  #endpoint: Endpoint | undefined;
  #bytesWritten = 0;
  #resets = false;
  #idleTimer: NodeJS.Timeout | undefined;
  #lastActivityMs = 0;

  constructor(options: SocketOptions) {
    super({ allowHalfOpen: options.allowHalfOpen, emitClose: false, autoDestroy: true });
    this.localAddress = options.local.address;
    this.localPort = options.local.port;
    this.remoteAddress = options.remote.address;
    this.remotePort = options.remote.port;
    this.connecting = options.connecting;
    this.server = options.server;
    this.#rewrite = options.rewrite;
  }

  attach(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
  }

  /** The handshake is complete. */
  established(): void {
    this.connecting = false;
    this.#endpoint?.opened();
    this.emit('connect');
    this.emit('ready');
  }

  noteReceived(bytes: number): void {
    this.bytesRead += bytes;
    this.#noteActivity();
  }

  // What streams call.

  override _read(): void {
    if (this.connecting) this.once('connect', () => this._read());
    else this.#endpoint?.read();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Settled): void {
    this.#noteActivity();
    const bytes = this.#rewrite === undefined ? chunk : this.#rewrite(chunk);
    this.#bytesWritten += bytes.length;
    if (this.#isDead()) return;
    this.#endpoint?.write(bytes, done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: Settled): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: Settled): void {
    if (this.connecting) {
      this.once('connect', () => this._final(done));
      return;
    }
    if (!this.#isDead()) this.#endpoint?.shutdown();
    done();
  }

  override _destroy(error: Error | null, done: Settled): void {
    this.connecting = false;
    this.#stopIdleTimer();
    if (!this.#isDead()) this.#endpoint?.close(this.#resets);
    this.#endpoint = undefined;
    done(error);
    // Node says `close` after `error`, with whether there was one, and then lets the server count.
    process.nextTick(() => {
      this.emit('close', error !== null);
      if (this.server === undefined) return;
      this.server._connections--;
      this.server._emitCloseIfDrained();
    });
  }

  /** A call from a life that has ended, or on a socket whose life has, does nothing. */
  #isDead(): boolean {
    return this.#endpoint !== undefined && !this.#endpoint.life.alive;
  }

  // What users of net.Socket call.

  get bytesWritten(): number {
    return this.#bytesWritten + this.writableLength;
  }

  get pending(): boolean {
    return this.connecting || this.#endpoint === undefined;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** Bytes that were written and that the simulated kernel has not taken yet. */
  get bufferSize(): number {
    return this.writableLength;
  }

  address(): AddressInfo | Record<string, never> {
    if (this.#endpoint === undefined) return {};
    return { address: this.localAddress, port: this.localPort, family: this.localFamily };
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /** Closes with a RST, whatever is still to be sent. */
  resetAndDestroy(): this {
    this.#resets = true;
    this.destroy();
    return this;
  }

  /** Emits `timeout` after `ms` without activity; 0 switches it off. Does not end the connection. */
  setTimeout(ms: number, listener?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = ms;
    this.#stopIdleTimer();
    if (listener !== undefined) {
      if (ms === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    if (ms > 0) {
      this.#noteActivity();
      this.#idleTimer = setTimeout(() => this.#checkIdle(), ms);
    }
    return this;
  }

  /** One timer a socket, set anew only when it fires: activity just takes the time. */
  #checkIdle(): void {
    const ms = this.timeout ?? 0;
    const idleMs = performance.now() - this.#lastActivityMs;
    if (idleMs >= ms) {
      this.#idleTimer = undefined;
      this.emit('timeout');
    } else {
      this.#idleTimer = setTimeout(() => this.#checkIdle(), ms - idleMs);
    }
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer === undefined) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
  }

  #noteActivity(): void {
    this.#lastActivityMs = performance.now();
  }
}
