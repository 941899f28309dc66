/**
 * The registry on a clock that the test moves: what happens when is known to the millisecond, and a test of an hour takes
 * none. Holds no assertions.
 */
import { vi } from 'vitest';
import type { WebSocket } from 'ws';
import {
  type RegistryEvents,
  type RegistryOptions,
  type WebSocketConnection,
  type WebSocketManager,
  WebSocketManagerRegistry,
} from '../../../src/index.ts';
import { contextOf } from './bench.ts';
import { type Recorded, record } from './events.ts';
import { FakeSocket, type Manners } from './fake-socket.ts';

export interface Tab {
  readonly manager: WebSocketManager;
  readonly connection: WebSocketConnection;
  readonly socket: FakeSocket;
}

export interface ClockBench {
  readonly registry: WebSocketManagerRegistry;
  readonly events: Recorded[];
  /** The events of this name, in order. */
  eventsNamed<K extends keyof RegistryEvents>(name: K): RegistryEvents[K][0][];
  /** Acquires a manager for this client. */
  manager(userId: string, client: string): Promise<WebSocketManager>;
  /** Acquires, and connects a socket whose peer behaves so. */
  connectClient(userId: string, client: string, manners?: Manners): Promise<Tab>;
  /** Advances the clock by `ms` milliseconds. */
  pass(ms: number): Promise<void>;
  /** Pauses the event loop for `ms` milliseconds: timers that are due meanwhile fire late. */
  stall(ms: number): void;
  [Symbol.dispose](): void;
}

/** A registry with the options as they ship, on a clock that stands at 0. */
export function clockBench(options: RegistryOptions = {}): ClockBench {
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
    eventsNamed: <K extends keyof RegistryEvents>(name: K) =>
      events.filter((each) => each.name === name).map(({ event }) => event as RegistryEvents[K][0]),
    manager,
    async connectClient(userId, client, manners) {
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
