/**
 * A client of either chat server: one tab of one user. It comes back when its connection ends, talks if it is asked to,
 * and remembers what it saw.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Host } from '../../network/host.ts';
import type { World } from '../../run/world.ts';
import { chatPort } from './chat.ts';
import type { Connect } from './system.ts';

const comeBackMs = 1_000;
const handshakeTimeoutMs = 10_000;

export class Client {
  readonly user: string;
  readonly host: Host;
  /** Since when it has been without a connection that it wants, in virtual milliseconds. */
  waitsSinceMs: number | undefined;
  /** Connections that ended without its doing, with the code that it was given. */
  readonly losses: string[] = [];
  /** Numbers of the posts that it heard, in order. */
  readonly heard: number[] = [];
  goal: Connect | undefined;
  readonly #world: World;
  #socket: WebSocket | undefined;
  #clientId = '';
  #threadId: string | undefined;
  #connections = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.user = name.replace(/\..*/, '');
    this.host = world.addHost(name, () => this.#boot());
  }

  get isOpen(): boolean {
    return this.host.process?.alive === true && this.#socket?.readyState === WebSocket.OPEN;
  }

  connect(goal: Connect): void {
    this.goal = goal;
    this.#inHost(() => this.#open());
  }

  stopReading(): void {
    this.#inHost(() => this.#socket?.pause());
  }

  /** Sends a frame with all reserved bits set and an opcode that does not exist. */
  sendBrokenFrame(): void {
    this.#inHost(() => rawSocketOf(this.#socket)?.write(Uint8Array.of(0xff, 0x80, 0, 0, 0, 0)));
  }

  leave(): void {
    this.goal = undefined;
    this.waitsSinceMs = undefined;
    this.#inHost(() => {
      if (this.#socket?.isPaused === true) this.#socket.terminate();
      else this.#socket?.close(1000);
    });
  }

  /** What a tab knows is lost with its process. */
  #boot(): void {
    this.#clientId = randomUUID();
    this.#threadId = undefined;
    this.#socket = undefined;
    if (this.goal !== undefined) this.#open();
  }

  #inHost(body: () => void): void {
    const { process: owner } = this.host;
    if (owner?.alive) owner.run(body);
  }

  #open(): void {
    const query = new URLSearchParams({ websocketClientId: this.#clientId });
    if (this.#threadId !== undefined) query.set('threadId', this.#threadId);
    const masks = this.#world.random.for(
      'mask',
      this.host.name,
      this.host.incarnations,
      ++this.#connections,
    );
    const socket = new WebSocket(`ws://server:${chatPort}/?${query}`, {
      headers: { authorization: `Bearer ${this.user}` },
      handshakeTimeout: handshakeTimeoutMs,
      generateMask: (mask) => masks.fill(mask),
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.waitsSinceMs ??= this.#world.nowMs;
    socket.on('upgrade', ({ headers }: IncomingMessage) => {
      const told = headers['x-thread-id'];
      if (typeof told === 'string') this.#threadId = decodeURIComponent(told);
    });
    socket.on('open', () => {
      this.waitsSinceMs = undefined;
      this.#talk(socket);
    });
    socket.on('message', (data) => {
      const post = /^post (\d+)/.exec(String(data))?.[1];
      if (post !== undefined) this.heard.push(Number(post));
    });
    socket.on('unexpected-response', (request, response) => {
      response.resume();
      response.on('close', () => {
        request.destroy();
        this.#comeBack(socket);
      });
    });
    // Every error of a client is followed by its `close`; without a listener it would end the process.
    socket.on('error', () => {});
    socket.on('close', (code) => {
      if (this.#socket !== socket) return;
      if (this.goal !== undefined && this.waitsSinceMs === undefined)
        this.losses.push(`${code} at ${this.#world.nowMs} ms`);
      this.#comeBack(socket);
    });
  }

  /** Talks, and gives up a connection on which nothing is answered. */
  #talk(socket: WebSocket): void {
    const { talksEveryMs, patienceMs } = this.goal ?? {};
    if (talksEveryMs === undefined) return;
    let heardAtMs = performance.now();
    socket.on('message', () => {
      heardAtMs = performance.now();
    });
    const round = setInterval(() => {
      if (patienceMs !== undefined && performance.now() - heardAtMs > patienceMs)
        socket.terminate();
      else if (!socket.isPaused) socket.send('hello');
    }, talksEveryMs);
    socket.on('close', () => clearInterval(round));
  }

  #comeBack(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    if (this.goal === undefined) return;
    this.waitsSinceMs ??= this.#world.nowMs;
    setTimeout(() => {
      if (this.goal !== undefined && this.#socket === undefined) this.#open();
    }, comeBackMs);
  }
}

function rawSocketOf(
  socket: WebSocket | undefined,
): { write(bytes: Uint8Array): boolean } | undefined {
  return (socket as { readonly _socket?: { write(bytes: Uint8Array): boolean } } | undefined)
    ?._socket;
}
