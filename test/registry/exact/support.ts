/**
 * The registry on a clock that the test moves, with sockets that have no network below them: what happens when is
 * known to the millisecond, and a test of an hour takes none. Holds no assertions.
 */
import { EventEmitter } from 'node:events';
import { vi } from 'vitest';
import type { WebSocket } from 'ws';
import {
  type RegistryEvents,
  type RegistryOptions,
  type WebSocketConnection,
  type WebSocketManager,
  WebSocketManagerRegistry,
} from '../../../src/index.ts';
import { contextOf, type Recorded, record } from '../support.ts';

/** What a peer does about a ping, and about a close frame or the end of its side. */
interface Manners {
  readonly pongs?: boolean;
  readonly closes?: boolean;
  /** Whether the socket says `close` when it is terminated. */
  readonly dies?: boolean;
}

/** As much of a `ws` socket as the registry uses. Its peer answers a millisecond later, or never. */
export class FakeSocket extends EventEmitter {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  readonly sent: unknown[] = [];
  /** When each was, on the clock of `performance.now()`. */
  readonly pingedAtMs: number[] = [];
  readonly closed: { readonly code: number; readonly text: string; readonly atMs: number }[] = [];
  terminatedAtMs: number | undefined;
  readonly _socket = {
    bytesRead: 0,
    destroyed: false,
    _bytesDispatched: 0,
    _handle: { writeQueueSize: 0 },
  };
  readonly _receiver = Object.assign(new EventEmitter(), { _maxPayload: 0 });
  manners: Manners;

  constructor(manners: Manners = {}) {
    super();
    this.manners = manners;
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  ping(): void {
    this.pingedAtMs.push(performance.now());
    if (this.manners.pongs !== false) setTimeout(() => this.emit('pong', Buffer.alloc(0)), 1);
  }

  pause(): void {
    this.isPaused = true;
  }

  close(code: number, text: string): void {
    this.readyState = this.CLOSING;
    this.closed.push({ code, text, atMs: performance.now() });
    if (this.manners.closes !== false) setTimeout(() => this.gone(code, text), 1);
  }

  terminate(): void {
    this.readyState = this.CLOSING;
    this.terminatedAtMs = performance.now();
    if (this.manners.dies !== false) setTimeout(() => this.gone(1006, ''), 1);
  }

  /** The socket is destroyed, and says so. */
  gone(code: number, text: string): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    this._socket.destroyed = true;
    this.emit('close', code, Buffer.from(text));
  }

  /** A message from the peer. */
  says(text: string): void {
    this.emit('message', Buffer.from(text), false);
  }
}

export interface Tab {
  readonly manager: WebSocketManager;
  readonly connection: WebSocketConnection;
  readonly socket: FakeSocket;
}

export interface Exact {
  readonly registry: WebSocketManagerRegistry;
  readonly events: Recorded[];
  /** What was told under this name, in order. */
  told<K extends keyof RegistryEvents>(name: K): RegistryEvents[K][0][];
  /** Acquires a manager for this client. */
  manager(userId: string, client: string): Promise<WebSocketManager>;
  /** Acquires, and connects a socket whose peer has these manners. */
  tab(userId: string, client: string, manners?: Manners): Promise<Tab>;
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void>;
  /** The event loop stands still for so many milliseconds: whatever is due meanwhile is late by as much. */
  stall(ms: number): void;
  [Symbol.dispose](): void;
}

/** A registry with the options as they ship, on a clock that stands at 0. */
export function exact(options: RegistryOptions = {}): Exact {
  vi.useFakeTimers();
  let stalledMs = 0;
  const { now } = performance;
  performance.now = () => now.call(performance) + stalledMs;
  const registry = new WebSocketManagerRegistry(options);
  const events = record(registry);
  const manager = (userId: string, client: string) => registry.acquire(contextOf(userId, client));
  return {
    registry,
    events,
    told: <K extends keyof RegistryEvents>(name: K) =>
      events.filter((each) => each.name === name).map(({ event }) => event as RegistryEvents[K][0]),
    manager,
    async tab(userId, client, manners) {
      const socket = new FakeSocket(manners);
      const found = await manager(userId, client);
      return { manager: found, connection: connect(found, socket), socket };
    },
    stall: (ms) => {
      stalledMs += ms;
    },
    pass: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
    [Symbol.dispose]: () => {
      performance.now = now;
      vi.useRealTimers();
    },
  };
}

export function connect(
  manager: WebSocketManager,
  socket: FakeSocket,
  connectionId?: string,
): WebSocketConnection {
  return manager.connect(socket as unknown as WebSocket, { connectionId });
}
