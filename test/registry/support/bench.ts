/** A registry with short times on a real server. Holds no assertions. */
import {
  type RegistryOptions,
  UserExecutionContext,
  type WebSocketManager,
  WebSocketManagerRegistry,
} from '../../../src/index.ts';
import { Loopback } from './loopback.ts';

export function contextOf(userId: string, client: string): UserExecutionContext {
  return UserExecutionContext.fromWebSocketRequest({ userId, websocketClientId: client });
}

/** A registry with short times, and sockets to give to it. */
export class Bench extends Loopback {
  readonly registry: WebSocketManagerRegistry;

  constructor(options: RegistryOptions = {}) {
    super();
    this.registry = new WebSocketManagerRegistry({
      birthGraceMs: 40,
      // Long enough for a socket to be made after an acquire, also on a busy machine.
      reconnectGraceMs: 1_000,
      closeTimeoutMs: 60,
      probeTimeoutMs: 60,
      emergencyDeadlineMs: 1_000,
      emergencyCooldownMs: 200,
      ...options,
    });
  }

  /** A manager of this client with one connection whose peer answers. */
  async connectClient(userId: string, client: string): Promise<WebSocketManager> {
    const { socket } = await this.pair();
    const manager = await this.registry.acquire(contextOf(userId, client));
    manager.connect(socket);
    return manager;
  }

  /** A manager of this client with one connection whose peer is unresponsive. */
  async connectUnresponsive(userId: string, client: string): Promise<WebSocketManager> {
    const { socket } = await this.mute();
    const manager = await this.registry.acquire(contextOf(userId, client));
    manager.connect(socket);
    return manager;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.registry.shutdown({ drainMs: 0 });
    await super[Symbol.asyncDispose]();
  }
}

export async function bench(options: RegistryOptions = {}): Promise<Bench> {
  return new Bench(options).listen();
}
