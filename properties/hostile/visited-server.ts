/**
 * Visits to a server that runs the registry as it ships, behind a real `http.Server` and the real `ws`, in the simulator.
 * A visitor has a bare TCP connection and sends what he likes; meanwhile somebody else talks to the same server. Owns who
 * does what when; what must hold afterwards is said in `aftermath.ts`, and of an answer where it is expected.
 */
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { simulateSystem } from '../../sim/run/simulate.ts';
import type { SimulatedSystem } from '../../sim/run/simulated-system.ts';
import type { World } from '../../sim/run/world.ts';
import { defaultNetwork } from '../../sim/scenario/scenario.ts';
import { libraryWith } from '../../sim/systems/registry/bugs/library.ts';
import type { Library } from '../../sim/systems/registry/library.ts';
import type { RegistryOptions, WebSocketManagerRegistry } from '../../src/index.ts';
import { authenticate, authorizeThread, checkOrigin } from './hooks.ts';
import { aftermath, countedEvents } from './invariants.ts';
import { OtherUser } from './other-user.ts';

/** All text is latin1: a character is a byte. */
export interface Visit {
  readonly opening: string;
  /** Sent when the handshake is done; never if it is refused. */
  readonly following: string;
  /** What the visitor does when he has sent everything. Whoever waits answers no frame. */
  readonly leaving: 'wait' | 'end' | 'reset';
  /** Virtual milliseconds that he then lets pass before. */
  readonly afterMs: number;
}

/** What a visitor saw. */
export interface Witness {
  received: string;
  /** How the server took leave of him; `none` if it did not. */
  farewell: 'end' | 'reset' | 'none';
}

export interface IdleLifetime {
  /** What is wrong on the server, or with the other user, when all have gone. */
  readonly fault: string | undefined;
  readonly witnesses: readonly Witness[];
  /** TCP connections that the server accepted of visitors. */
  readonly accepted: number;
  /** Of every event and every byte. */
  readonly digest: string;
}

/** Virtual milliseconds: longer than a heartbeat, its timeout and the end of a connection that answers nothing. */
const durationMs = 60_000;

/** Longer than the grace of an empty manager and everything that follows. */
const settleMs = 90_000;

/**
 * One latency for all: it would be drawn by the number of a connection, and leaving a visit out would give those after
 * it another one.
 */
const network = {
  ...defaultNetwork,
  latencyMs: { min: 2, max: 2 },
  segmentBytes: { min: 20, max: 1_460 },
};

const visitEveryMs = 3;

/** @param bug Name of a bug to plant in the registry, to show that somebody notices. */
export async function visitAll(
  visits: readonly Visit[],
  options: RegistryOptions = {},
  bug: string | null = null,
): Promise<IdleLifetime> {
  const system = new VisitedServer(visits, options, await libraryWith(bug));
  const outcome = await simulateSystem({
    scenario: {
      format: 1,
      name: 'hostile',
      seed: 1,
      network,
      actions: visits.map((_, index) => ({
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
    invariants: aftermath,
  });
  const { failure } = outcome;
  return {
    fault: failure === undefined ? undefined : `${failure.invariant}: ${failure.detail}`,
    witnesses: system.witnesses,
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

export class VisitedServer implements SimulatedSystem<VisitAction> {
  readonly witnesses: readonly Witness[];
  /** Every connection that the server accepted, that of the other user among them. */
  readonly sockets: Duplex[] = [];
  readonly webSockets: WebSocket[] = [];
  /** How often the registry told each event. */
  readonly told = new Map<string, number>();
  readonly other = new OtherUser();
  readonly #visits: readonly Visit[];
  readonly #options: RegistryOptions;
  readonly #library: Library;
  readonly #visitors = new Set<net.Socket>();
  #world: World | undefined;
  #registry: WebSocketManagerRegistry | undefined;
  #webSocketServer: WebSocketServer | undefined;

  constructor(visits: readonly Visit[], options: RegistryOptions, library: Library) {
    this.#visits = visits;
    this.#options = options;
    this.#library = library;
    this.witnesses = visits.map(() => ({ received: '', farewell: 'none' }));
  }

  get world(): World {
    if (this.#world === undefined) throw new Error('the world is not set up');
    return this.#world;
  }

  get registry(): WebSocketManagerRegistry {
    if (this.#registry === undefined) throw new Error('the server is not up');
    return this.#registry;
  }

  get webSocketServer(): WebSocketServer {
    if (this.#webSocketServer === undefined) throw new Error('the server is not up');
    return this.#webSocketServer;
  }

  setUp(world: World): void {
    this.#world = world;
    world.addHost('server', () => this.#serve());
    world.addHost('visitors', () => {});
    const other = world.addHost('other', () => this.other.arrive(other));
  }

  perform(world: World, { index }: VisitAction): void {
    const visit = this.#visits[index];
    const witness = this.witnesses[index];
    if (visit === undefined || witness === undefined) throw new Error(`no visit ${index}`);
    world.host('visitors').process?.run(() => this.#visit(visit, witness));
  }

  leave(world: World): void {
    world.host('visitors').process?.run(() => {
      for (const visitor of this.#visitors) visitor.destroy();
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
    const { attach, WebSocketManagerRegistry } = this.#library;
    // The default of the sweep depends on the environment.
    const registry = new WebSocketManagerRegistry({ sweepIntervalMs: 30_000, ...this.#options });
    const webSocketServer = new WebSocketServer({ noServer: true, perMessageDeflate: true });
    const server = http.createServer(
      { requestTimeout: 20_000, connectionsCheckingInterval: 5_000 },
      (_request, response) => response.writeHead(426).end('only WebSocket upgrades here\n'),
    );
    server.on('connection', (socket) => this.sockets.push(socket));
    this.#registry = registry;
    this.#webSocketServer = webSocketServer;
    for (const name of countedEvents) {
      registry.on(name, () => this.told.set(name, (this.told.get(name) ?? 0) + 1));
    }
    attach(registry, {
      server,
      webSocketServer,
      authenticate,
      checkOrigin,
      authorizeThread,
      onConnection: (connection) => {
        this.webSockets.push(connection.socket);
        connection.socket.on('message', (data, isBinary) => {
          connection.send(isBinary ? (data as Buffer) : String(data));
        });
      },
    });
    server.listen(8080);
  }

  #visit({ opening, following, leaving, afterMs }: Visit, witness: Witness): void {
    const socket = net.connect({ port: 8080, host: 'server', allowHalfOpen: true });
    this.#visitors.add(socket);
    let isIn = false;
    const depart = (): void => {
      if (leaving === 'end') setTimeout(() => socket.end(), afterMs);
      else if (leaving === 'reset') setTimeout(() => socket.resetAndDestroy(), afterMs);
    };
    socket.on('error', () => {
      if (witness.farewell === 'none') witness.farewell = 'reset';
    });
    socket.on('end', () => {
      witness.farewell = 'end';
      socket.end();
    });
    socket.on('data', (bytes) => {
      witness.received += bytes.toString('latin1');
      if (isIn || following === '' || !isHandshakeDone(witness.received)) return;
      isIn = true;
      socket.write(following, 'latin1');
      depart();
    });
    socket.on('close', () => this.#visitors.delete(socket));
    socket.write(opening, 'latin1');
    if (following === '') depart();
  }
}

function isHandshakeDone(received: string): boolean {
  return received.startsWith('HTTP/1.1 101 ') && received.includes('\r\n\r\n');
}
