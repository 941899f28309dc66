/**
 * A client of either chat server: one tab of one user. It reconnects when its connection ends, sends messages if its
 * action says so, and records what it received.
 */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Host } from '../../network/hosts/host.ts';
import type { World } from '../../run/world.ts';
import { WebSocketClient } from '../clients/web-socket-client.ts';
import type { Connect } from './actions.ts';
import { chatPort } from './chat.ts';

const comeBackMs = 1_000;
const handshakeTimeoutMs = 10_000;

export class AppClient {
  readonly user: string;
  readonly host: Host;
  /** Since when it wants a connection and has none, in virtual milliseconds. */
  waitsSinceMs: number | undefined;
  /** Connections that it did not end itself, with their close codes. */
  readonly losses: string[] = [];
  /** Numbers of the posts that it received, in order. */
  readonly heard: number[] = [];
  goal: Connect | undefined;
  readonly #world: World;
  readonly #client: WebSocketClient;
  #clientId = '';
  #threadId: string | undefined;

  constructor(world: World, name: string) {
    this.#world = world;
    this.user = name.replace(/\..*/, '');
    this.host = world.addHost(name, () => this.#boot());
    const { host } = this;
    this.#client = new WebSocketClient(host, (connection) => {
      const masks = world.random.for('mask', name, host.incarnations, connection);
      return (mask) => masks.fill(mask);
    });
  }

  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  connect(goal: Connect): void {
    this.goal = goal;
    this.#client.inHost(() => this.#open());
  }

  stopReading(): void {
    this.#client.inHost(() => this.#client.stopReading());
  }

  /** Sends a frame with all reserved bits set and an opcode that does not exist. */
  sendBrokenFrame(): void {
    this.#client.inHost(() => this.#client.sendBytes(Uint8Array.of(0xff, 0x80, 0, 0, 0, 0)));
  }

  leave(): void {
    this.goal = undefined;
    this.waitsSinceMs = undefined;
    this.#client.inHost(() => {
      if (this.#client.isDeaf) this.#client.socket?.terminate();
      else this.#client.close(1000);
    });
  }

  /** The state of a client is lost with its process. */
  #boot(): void {
    this.#clientId = randomUUID();
    this.#threadId = undefined;
    this.#client.booted();
    if (this.goal !== undefined) this.#open();
  }

  #open(): void {
    const query = new URLSearchParams({ websocketClientId: this.#clientId });
    if (this.#threadId !== undefined) query.set('threadId', this.#threadId);
    const request = {
      url: `ws://server:${chatPort}/?${query}`,
      authorization: `Bearer ${this.user}`,
      handshakeTimeoutMs,
    };
    const socket = this.#client.open(request, {
      upgraded: ({ headers }) => {
        const told = headers['x-thread-id'];
        if (typeof told === 'string') this.#threadId = decodeURIComponent(told);
      },
      opened: () => {
        this.waitsSinceMs = undefined;
        this.#talk(socket);
      },
      heard: (data) => {
        const post = /^post (\d+)/.exec(String(data))?.[1];
        if (post !== undefined) this.heard.push(Number(post));
      },
      ended: (code) => {
        if (this.#client.socket !== socket) return;
        if (code !== undefined && this.goal !== undefined && this.waitsSinceMs === undefined)
          this.losses.push(`${code} at ${this.#world.nowMs} ms`);
        this.#comeBack();
      },
    });
    this.waitsSinceMs ??= this.#world.nowMs;
  }

  /** Sends messages, and closes a connection on which no answer arrives. */
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

  #comeBack(): void {
    this.#client.socket = undefined;
    if (this.goal === undefined) return;
    this.waitsSinceMs ??= this.#world.nowMs;
    setTimeout(() => {
      if (this.goal !== undefined && this.#client.socket === undefined) this.#open();
    }, comeBackMs);
  }
}
