/**
 * The registry behind a real `http.Server` and the real `ws`, in a simulated world that is driven step by step: what
 * happens next may depend on what happened. Owns the server, its virtual time and what must hold after every event.
 */
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { beforeTimers } from '../sim/engine/event-queue.ts';
import { runUntil } from '../sim/engine/loop.ts';
import type { Host } from '../sim/network/host.ts';
import { World } from '../sim/run/world.ts';
import { defaultNetwork } from '../sim/scenario/scenario.ts';
import type { Library } from '../sim/systems/registry/library.ts';
import type { AttachOptions, RegistryOptions, WebSocketManagerRegistry } from '../src/index.ts';
import { faultOfCounters, listen, type Told } from './told.ts';

/** Virtual milliseconds from one host to another. The same for all, so that it is known who comes first. */
export const latencyMs = 1;

export interface StageOptions {
  readonly library: Library;
  readonly registry?: RegistryOptions;
  /** @default everybody is whom the authorization header says */
  readonly hooks?: Partial<AttachOptions>;
  /** Whether somebody listens to every event: the registry takes shorter ways when nobody does. @default true */
  readonly isHeard?: boolean;
  /** Says what is wrong with what was just told, if something is. */
  readonly judge?: (told: Told) => string | undefined;
}

export class Stage {
  readonly world: World;
  /** What was seen that must not be, first of all. */
  fault: string | undefined;
  /** What the registry told, in order; `undefined` when nobody listens. */
  told: readonly Told[] | undefined;
  readonly #options: StageOptions;
  readonly #server: Host;
  readonly #sockets: Duplex[] = [];
  #registry: WebSocketManagerRegistry | undefined;
  #webSocketServer: WebSocketServer | undefined;
  #events = 0;

  private constructor(options: StageOptions) {
    this.#options = options;
    this.world = new World({
      seed: 1,
      network: { ...defaultNetwork, latencyMs: { min: latencyMs, max: latencyMs } },
    });
    this.#server = this.world.addHost('server', () => this.#serve());
    this.world.afterEvent = () => this.#look();
  }

  /** Lets `play` do what it likes with a server that is up, and puts the process back as it was. */
  static async with<T>(options: StageOptions, play: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = new Stage(options);
    try {
      await stage.event(() => stage.world.boot(stage.#server));
      return await play(stage);
    } finally {
      stage.world.dispose();
    }
  }

  get registry(): WebSocketManagerRegistry {
    if (this.#registry === undefined) throw new Error('the server is not up');
    return this.#registry;
  }

  get nowMs(): number {
    return this.world.nowMs;
  }

  /** A host that runs code of ours only. */
  async addHost(name: string): Promise<Host> {
    const host = this.world.addHost(name, () => {});
    await this.event(() => this.world.boot(host));
    return host;
  }

  /** Lets time go on. Throws when something that must not be was seen meanwhile, or an error that nobody caught. */
  async advance(ms: number): Promise<void> {
    await runUntil(this.world, this.nowMs + ms, { watchdog: 'shared' });
    const { crash } = this.world;
    if (crash !== undefined) throw new Error(`nobody caught ${String(crash.error)}`);
    if (this.fault !== undefined) throw new Error(this.fault);
  }

  /** Does something as an event of its own, and lets happen what follows within `ms`. */
  async event(fire: () => void, ms = 0): Promise<void> {
    const { world } = this;
    this.#events += 1;
    const [kind, side, id] = ['action', beforeTimers, this.#events] as const;
    world.schedule({ kind, atMs: this.nowMs, side, owner: undefined, id, fire });
    await this.advance(ms);
  }

  /** Does something as code of the server, as an event of its own. */
  serverDoes(body: (registry: WebSocketManagerRegistry) => void, ms = 0): Promise<void> {
    return this.event(() => this.inServer(body), ms);
  }

  /** Does something as code of the server, within the event that is happening. */
  inServer(body: (registry: WebSocketManagerRegistry) => void): void {
    this.#server.process?.run(() => body(this.registry));
  }

  /** Something was seen that must not be: nothing more happens. */
  fail(what: string): void {
    this.fault ??= what;
    this.world.halted = true;
  }

  /** What is left when everybody has gone. Empty if all is well. */
  leftovers(): Readonly<Record<string, number>> {
    const { managers, users, connections, waiting, queuedMessages } = this.registry.stats();
    const left = {
      managers,
      users,
      connections,
      waiting,
      queuedMessages,
      timers: this.world.pendingTimers(this.#server.process).length,
      tcpConnections: this.world.network.connections.size,
      webSockets: this.#webSocketServer?.clients.size ?? 0,
      sockets: this.#sockets.filter(({ destroyed }) => !destroyed).length,
    };
    return Object.fromEntries(Object.entries(left).filter(([, count]) => count !== 0));
  }

  /** @throws {Error} that names what is left, or a counter that is not what the events say. */
  assertNothingIsLeft(): void {
    const left = this.leftovers();
    if (Object.keys(left).length > 0) throw new Error(`left: ${JSON.stringify(left)}`);
    this.assertCountersAreTrue();
  }

  assertCountersAreTrue(): void {
    const fault = this.told && faultOfCounters(this.registry, this.told);
    if (fault !== undefined) throw new Error(fault);
  }

  /** After every event: what production can ask as well. */
  #look(): void {
    const [finding] = this.#registry?.audit() ?? [];
    if (finding !== undefined) this.fail(`${finding.check}: ${finding.detail}`);
  }

  #serve(): void {
    const { library, hooks } = this.#options;
    // The default of the sweep depends on the environment.
    const options = { sweepIntervalMs: 30_000, ...this.#options.registry };
    const registry = new library.WebSocketManagerRegistry(options);
    if (this.#options.isHeard !== false) {
      this.told = listen(registry, (told) => {
        const fault = this.#options.judge?.(told);
        if (fault !== undefined) this.fail(fault);
      });
    }
    const webSocketServer = new WebSocketServer({ noServer: true });
    const server = http.createServer((_request, response) => response.writeHead(426).end());
    server.on('connection', (socket) => this.#sockets.push(socket));
    this.#registry = registry;
    this.#webSocketServer = webSocketServer;
    library.attach(registry, { server, webSocketServer, authenticate, ...hooks });
    server.listen(8080);
  }
}

export function authenticate({ headers }: http.IncomingMessage): { readonly userId: string } {
  return { userId: headers.authorization ?? '' };
}
