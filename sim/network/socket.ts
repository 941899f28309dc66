/**
 * The process's end of a simulated TCP connection: a `stream.Duplex` that has what users of `net.Socket` look for, and
 * emits its events in the same order. Knows nothing of the network but its endpoint.
 */
import { AsyncResource } from 'node:async_hooks';
import type { AddressInfo, Server } from 'node:net';
import { Duplex } from 'node:stream';
import { systemError } from '../engine/errors.ts';
import type { Connection } from './connection.ts';
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

/** The part of Node's binding that others look at: how far a write is, and what `node:http` pauses and resumes. */
class SimulatedHandle {
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

export class SimulatedSocket extends Duplex {
  /** The asynchronous context in which Node would deliver its events. */
  readonly resource = new AsyncResource('TCPSOCKETWRAP', { requireManualDestroy: true });
  readonly localAddress: string;
  readonly localPort: number;
  readonly localFamily = 'IPv4';
  readonly #remote: SocketAddress;
  /** Set once somebody has asked while it was connected; Node forgets the peer of a closed socket otherwise. */
  #peerName: SocketAddress | undefined;
  connecting: boolean;
  bytesRead = 0;
  timeout: number | undefined;
  /** Set by `node:http` while it reads here. */
  declare parser?: { remove?(): void; close?(): void } | null;
  /** Told of every arrival, before the bytes are handed over. */
  onReceived: (() => void) | undefined;
  readonly server: SocketOptions['server'];
  readonly #rewrite: ((bytes: Buffer) => Buffer) | undefined;
  #endpoint: Endpoint | undefined;
  #handle: SimulatedHandle | undefined;
  #link: Connection | undefined;
  #bytesWritten = 0;
  #resets = false;
  #idleTimer: NodeJS.Timeout | undefined;
  #lastActivityMs = 0;

  constructor(options: SocketOptions) {
    super({ allowHalfOpen: options.allowHalfOpen, emitClose: false, autoDestroy: true });
    this.localAddress = options.local.address;
    this.localPort = options.local.port;
    this.#remote = options.remote;
    this.connecting = options.connecting;
    this.server = options.server;
    this.#rewrite = options.rewrite;
    if (!options.allowHalfOpen) this.once('end', this.#refuseWrites);
  }

  attach(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    endpoint.host.sockets.add(this);
    this.#link = endpoint.connection;
  }

  /** The handshake is complete. */
  established(): void {
    this.connecting = false;
    this.#noteActivity();
    this.#endpoint?.opened();
    this.emit('connect');
    this.emit('ready');
    // Node's net.Socket reads from the start, so that the end is heard of even where nobody reads.
    if (!this.isPaused()) this.read(0);
  }

  /** When bytes last arrived, on the clock of `performance.now()`, for whoever judges a run. */
  lastReceivedMs = Number.NEGATIVE_INFINITY;

  noteReceived(bytes: number): void {
    this.bytesRead += bytes;
    this.#noteActivity();
    if (bytes > 0) this.lastReceivedMs = this.#lastActivityMs;
    if (bytes > 0) this.onReceived?.();
  }

  /** The connection that it is an end of, for whoever judges a run; it stays known after the end. */
  get link(): Connection | undefined {
    return this.#link;
  }

  // What streams call.

  override _read(): void {
    if (this.connecting) this.once('connect', () => this._read());
    else this.#endpoint?.read();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Settled): void {
    this.#send(this.#rewrite === undefined ? chunk : this.#rewrite(chunk), done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: Settled): void {
    const rewrite = this.#rewrite ?? ((bytes: Buffer) => bytes);
    this.#send(Buffer.concat(chunks.map(({ chunk }) => rewrite(chunk))), done);
  }

  #send(bytes: Buffer, done: Settled): void {
    this.#noteActivity();
    this.#bytesWritten += bytes.length;
    if (this.#isDead()) return;
    this.#endpoint?.write(bytes, done);
  }

  override _final(done: Settled): void {
    if (this.connecting) {
      this.once('connect', () => this._final(done));
      return;
    }
    if (this.#isDead()) return;
    this.#endpoint?.sender.shutdown();
    // libuv tells of it later, never at once.
    process.nextTick(done);
  }

  override _destroy(error: Error | null, done: Settled): void {
    this.connecting = false;
    this.#stopIdleTimer();
    if (!this.#isDead()) this.#endpoint?.close(this.#resets);
    this.#endpoint?.host.sockets.delete(this);
    this.#endpoint = undefined;
    done(error);
    if (this.server !== undefined) {
      this.server._connections--;
      this.server._emitCloseIfDrained();
    }
    // After `error`, with whether there was one; and after the server's own `close`, as in Node.
    process.nextTick(() => this.emit('close', error !== null));
  }

  /** Node's answer to a write after the peer's end, where that ends this side as well. */
  #refuseWrites(): void {
    const write = this.write;
    this.write = (...args: unknown[]) => {
      if (!this.writableEnded) return Reflect.apply(write, this, args);
      const error = systemError('EPIPE', 'write');
      error.message = 'This socket has been ended by the other party';
      const done = args.find((value): value is Settled => typeof value === 'function');
      if (done !== undefined) process.nextTick(done, error);
      this.destroy(error);
      return false;
    };
  }

  /**
   * The run is over. Node frees the parser of HTTP when a socket closes, and holds it, and all that hangs on it, for
   * ever when none does.
   */
  abandon(): void {
    this.parser?.remove?.();
    this.parser?.close?.();
  }

  /** A call from a life that has ended, or on a socket whose life has, does nothing. */
  #isDead(): boolean {
    return this.#endpoint !== undefined && !this.#endpoint.owner.alive;
  }

  // What users of net.Socket call.

  /** As in `net.Socket`: bytes that were handed over, whether or not the kernel has taken them. */
  get _bytesDispatched(): number {
    return this.#bytesWritten;
  }

  /** As in `net.Socket`: there until the socket is destroyed. */
  get _handle(): SimulatedHandle | undefined {
    if (this.#endpoint === undefined) return undefined;
    this.#handle ??= new SimulatedHandle(this.#endpoint, this.resource.asyncId());
    return this.#handle;
  }

  get remoteAddress(): string | undefined {
    return this.#peer()?.address;
  }

  get remotePort(): number | undefined {
    return this.#peer()?.port;
  }

  get remoteFamily(): 'IPv4' | undefined {
    return this.#peer() === undefined ? undefined : 'IPv4';
  }

  #peer(): SocketAddress | undefined {
    if (!this.connecting && this.#endpoint !== undefined) this.#peerName ??= this.#remote;
    return this.#peerName;
  }

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
    if (this.connecting) return this.once('connect', () => this.resetAndDestroy());
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
    // Also after it has fired: the next silence counts again.
    if (this.timeout && this.#idleTimer === undefined && !this.destroyed) {
      // Bytes arrive outside any process, and the timer is the process's.
      this.resource.runInAsyncScope(() => {
        this.#idleTimer = setTimeout(() => this.#checkIdle(), this.timeout);
      });
    }
  }
}
