/**
 * The process's end of a simulated TCP connection: a `stream.Duplex` that has what users of `net.Socket` look for, and
 * emits its events in the same order. Knows nothing of the network but its endpoint.
 */
import { AsyncResource } from 'node:async_hooks';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import type { Connection, Endpoint, EndpointSocket, WriteDone } from '../ports.ts';
import { IdleTimeout } from './idle-timeout.ts';
import { refuseWrites } from './refuse-writes.ts';
import { SimulatedHandle } from './socket-handle.ts';
import type { SocketAddress, SocketOptions } from './socket-options.ts';

export class SimulatedSocket extends Duplex implements EndpointSocket {
  /** The asynchronous context in which Node would deliver its events. */
  readonly resource = new AsyncResource('TCPSOCKETWRAP', { requireManualDestroy: true });
  readonly localAddress: string;
  readonly localPort: number;
  readonly localFamily = 'IPv4';
  readonly #remote: SocketAddress;
  /** Set once a caller has asked while it was connected; Node forgets the peer of a closed socket otherwise. */
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
  readonly #idle = new IdleTimeout(this);

  constructor(options: SocketOptions) {
    super({ allowHalfOpen: options.allowHalfOpen, emitClose: false, autoDestroy: true });
    this.localAddress = options.local.address;
    this.localPort = options.local.port;
    this.#remote = options.remote;
    this.connecting = options.connecting;
    this.server = options.server;
    this.#rewrite = options.rewrite;
    if (!options.allowHalfOpen) this.once('end', () => refuseWrites(this));
  }

  attach(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    endpoint.host.sockets.add(this);
    this.#link = endpoint.connection;
  }

  /** The handshake is complete. */
  established(): void {
    this.connecting = false;
    this.#idle.noteActivity();
    this.#endpoint?.opened();
    this.emit('connect');
    this.emit('ready');
    // Node's net.Socket reads from the start, so that the end is heard of even where no code reads.
    if (!this.isPaused()) this.read(0);
  }

  lastReceivedMs = Number.NEGATIVE_INFINITY;

  noteReceived(bytes: number): void {
    this.bytesRead += bytes;
    this.#idle.noteActivity();
    if (bytes > 0) this.lastReceivedMs = this.#idle.lastActivityMs;
    if (bytes > 0) this.onReceived?.();
  }

  /** The connection that it is an end of, for the judges of a run; it stays known after the end. */
  get link(): Connection | undefined {
    return this.#link;
  }

  // What streams call.

  override _read(): void {
    if (this.connecting) this.once('connect', () => this._read());
    else this.#endpoint?.read();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: WriteDone): void {
    this.#send(this.#rewrite === undefined ? chunk : this.#rewrite(chunk), done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: WriteDone): void {
    const rewrite = this.#rewrite ?? ((bytes: Buffer) => bytes);
    this.#send(Buffer.concat(chunks.map(({ chunk }) => rewrite(chunk))), done);
  }

  #send(bytes: Buffer, done: WriteDone): void {
    this.#idle.noteActivity();
    this.#bytesWritten += bytes.length;
    if (this.#isDead()) return;
    this.#endpoint?.write(bytes, done);
  }

  override _final(done: WriteDone): void {
    if (this.connecting) {
      this.once('connect', () => this._final(done));
      return;
    }
    if (this.#isDead()) return;
    this.#endpoint?.sender.shutdown();
    // libuv tells of it later, never at once.
    process.nextTick(done);
  }

  override _destroy(error: Error | null, done: WriteDone): void {
    this.connecting = false;
    this.#idle.stop();
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

  /**
   * The run is over. Node frees the parser of HTTP when a socket closes, and holds it, and all that hangs on it, for
   * ever when none does.
   */
  abandon(): void {
    this.parser?.remove?.();
    this.parser?.close?.();
  }

  /** A call from a process that has ended, or on a socket whose process has, does nothing. */
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
    if (listener !== undefined && ms === 0) this.removeListener('timeout', listener);
    else if (listener !== undefined) this.once('timeout', listener);
    this.timeout = ms;
    this.#idle.restart();
    return this;
  }
}
