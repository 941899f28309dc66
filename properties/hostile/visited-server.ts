/**
 * A server under attack: the registry as it ships behind a real `http.Server` and the real `ws`, in the simulator. Each
 * hostile client has a bare TCP connection and sends what its script says, while another user talks to the same server.
 * What must hold afterwards is in `invariants.ts`; what each client must be answered is in the tests.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Invariant } from '../../sim/run/invariant.ts';
import { simulateSystem } from '../../sim/run/simulate-system.ts';
import type { SimulatedSystem } from '../../sim/run/simulated-system.ts';
import type { World } from '../../sim/run/world.ts';
import { defaultNetwork } from '../../sim/scenario/scenario.ts';
import { RawClient, type RawScript } from '../../sim/systems/clients/raw-client.ts';
import { libraryWith } from '../../sim/systems/registry/bugs/plant.ts';
import type { Library } from '../../sim/systems/registry/library.ts';
import {
  type RegistryServer,
  startRegistryServer,
} from '../../sim/systems/registry/servers/registry-server.ts';
import type { RegistryOptions, WebSocketManagerRegistry } from '../../src/index.ts';
import { authenticate, authorizeThread, checkOrigin } from './hooks.ts';
import { type AttackedServer, countedEvents, invariants } from './invariants.ts';
import { OtherUser } from './other-user.ts';

/** What a hostile client saw. */
export type Answered = Pick<RawClient, 'received' | 'ending'>;

export interface HostileRun {
  /** What is wrong on the server, or with the other user, when all clients have left. */
  readonly fault: string | undefined;
  /** In the order of the scripts. */
  readonly answered: readonly Answered[];
  /** TCP connections of hostile clients that the server accepted. */
  readonly accepted: number;
  /** Of every event and every byte. */
  readonly digest: string;
}

/** Virtual milliseconds: longer than a heartbeat, its timeout and the end of a connection that answers nothing. */
const durationMs = 60_000;

/** Longer than the grace of an empty manager and everything that follows. */
const settleMs = 90_000;

/**
 * One latency for all: it would be drawn by the number of a connection, and leaving a client out would give those after
 * it another one.
 */
const network = {
  ...defaultNetwork,
  latencyMs: { min: 2, max: 2 },
  segmentBytes: { min: 20, max: 1_460 },
};

const visitEveryMs = 3;

/** @param bug Name of a seeded bug to plant in the registry, to show that an invariant breaks. */
export async function runHostile(
  scripts: readonly RawScript[],
  options: RegistryOptions = {},
  bug: string | null = null,
): Promise<HostileRun> {
  const system = new AttackedSystem(scripts, options, await libraryWith(bug));
  const asked: readonly Invariant<AttackedSystem>[] = invariants;
  const outcome = await simulateSystem({
    scenario: {
      format: 1,
      name: 'hostile',
      seed: 1,
      network,
      actions: scripts.map((_, index) => ({
        kind: 'visit',
        atMs: 100 + index * visitEveryMs,
        index,
      })),
      faults: [],
      durationMs,
      settleMs,
      settings: null,
    },
    system,
    invariants: asked,
  });
  const { failure } = outcome;
  return {
    fault: failure === undefined ? undefined : `${failure.invariant}: ${failure.detail}`,
    answered: system.clients.map(({ received, ending }) => ({ received, ending })),
    accepted: system.sockets.length - 1,
    digest: outcome.digest,
  };
}

interface VisitAction {
  readonly kind: string;
  readonly atMs: number;
  readonly index: number;
  readonly [field: string]: string | number;
}

class AttackedSystem implements SimulatedSystem<VisitAction>, AttackedServer {
  readonly clients: readonly RawClient[];
  /** Every connection that the server accepted, that of the other user among them. */
  readonly sockets: Duplex[] = [];
  readonly webSockets: WebSocket[] = [];
  /** How often the registry emitted each event. */
  readonly told = new Map<string, number>();
  readonly other = new OtherUser();
  readonly #options: RegistryOptions;
  readonly #library: Library;
  #world: World | undefined;
  #server: RegistryServer | undefined;

  constructor(scripts: readonly RawScript[], options: RegistryOptions, library: Library) {
    this.clients = scripts.map((script) => new RawClient(script));
    this.#options = options;
    this.#library = library;
  }

  get world(): World {
    if (this.#world === undefined) throw new Error('the world is not set up');
    return this.#world;
  }

  get registry(): WebSocketManagerRegistry {
    return this.#running.registry;
  }

  get webSocketServer(): WebSocketServer {
    return this.#running.webSocketServer;
  }

  get #running(): RegistryServer {
    if (this.#server === undefined) throw new Error('the server is not up');
    return this.#server;
  }

  setUp(world: World): void {
    this.#world = world;
    world.addHost('server', () => this.#serve());
    world.addHost('visitors', () => {});
    const other = world.addHost('other', () => this.other.arrive(other));
  }

  perform(world: World, { index }: VisitAction): void {
    const client = this.clients[index];
    if (client === undefined) throw new Error(`no script ${index}`);
    world.host('visitors').process?.run(() => client.connect());
  }

  leave(world: World): void {
    world.host('visitors').process?.run(() => {
      for (const client of this.clients) client.destroy();
    });
    world.host('other').process?.run(() => this.other.leave());
  }

  faults(): Readonly<Record<string, number>> {
    return {};
  }

  metrics(): Readonly<Record<string, number>> {
    return {};
  }

  #serve(): void {
    this.#server = startRegistryServer({
      library: this.#library,
      // The default of the sweep depends on the environment.
      registry: { sweepIntervalMs: 30_000, ...this.#options },
      http: { requestTimeout: 20_000, connectionsCheckingInterval: 5_000 },
      answer: (_request, response) => response.writeHead(426).end('only WebSocket upgrades here\n'),
      perMessageDeflate: true,
      hooks: {
        authenticate,
        checkOrigin,
        authorizeThread,
        onConnection: (connection) => {
          this.webSockets.push(connection.socket);
          connection.socket.on('message', (data, isBinary) => {
            connection.send(isBinary ? (data as Buffer) : String(data));
          });
        },
      },
      watch: (registry) => {
        for (const name of countedEvents) {
          registry.on(name, () => this.told.set(name, (this.told.get(name) ?? 0) + 1));
        }
      },
    });
    this.#server.httpServer.on('connection', (socket) => this.sockets.push(socket));
  }
}
