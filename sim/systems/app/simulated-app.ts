/**
 * The system of a chat server, given as a function, and of its clients. It records only what is visible from outside.
 */

import type { Host } from '../../network/hosts/host.ts';
import type { Endpoint } from '../../network/ports.ts';
import type { SimulatedSystem } from '../../run/simulated-system.ts';
import type { World } from '../../run/world.ts';
import type { Fault } from '../../scenario/scenario.ts';
import type { ChatAction, ChatScenario } from './actions.ts';
import { AppClient } from './app-client.ts';
import type { Chat, ChatSettings, StartChat } from './chat.ts';

/** A post that a client must receive. */
export interface Due {
  readonly number: number;
  readonly client: AppClient;
  readonly dueMs: number;
}

const restartMs = 1_000;

export class SimulatedApp implements SimulatedSystem<ChatAction> {
  readonly clients = new Map<string, AppClient>();
  readonly settings: ChatSettings;
  readonly due: Due[] = [];
  /** Connections that the server's process holds although their client is gone, with the time since when. */
  readonly ghosts = new Map<Endpoint, number>();
  /** When the running process got SIGTERM. */
  toldToGoAtMs: number | undefined;
  /** Until when a fault excuses clients that are not connected. */
  troubleEndsAtMs = 0;
  nowMs = 0;
  /** All clients have left. */
  isOver = false;
  readonly #scenario: ChatScenario;
  readonly #startChat: StartChat;
  #world: World | undefined;
  #server: Host | undefined;
  #chat: Chat | undefined;
  #posts = 0;
  readonly #misbehaviour = new Map<string, number>();

  constructor(scenario: ChatScenario, startChat: StartChat) {
    this.#scenario = scenario;
    this.settings = scenario.settings;
    this.#startChat = startChat;
  }

  get world(): World {
    if (this.#world === undefined) throw new Error('the system was not set up');
    return this.#world;
  }

  get server(): Host {
    if (this.#server === undefined) throw new Error('the system was not set up');
    return this.#server;
  }

  setUp(world: World): void {
    this.#world = world;
    this.#server = world.addHost('server', () => {
      this.toldToGoAtMs = undefined;
      this.#chat = this.#startChat(this.settings, () => this.#exit(world));
    });
    for (const action of this.#scenario.actions) {
      if (action.kind === 'connect')
        this.clients.set(action.client, new AppClient(world, action.client));
    }
    this.#tick(world);
  }

  perform(world: World, action: ChatAction): void {
    switch (action.kind) {
      case 'connect':
        this.#client(action.client).connect(action);
        return;
      case 'stop-reading':
        this.#count(action);
        this.#client(action.client).stopReading();
        return;
      case 'broken-frame':
        this.#count(action);
        this.#client(action.client).sendBrokenFrame();
        return;
      case 'sigterm':
        this.#count(action);
        this.toldToGoAtMs = world.nowMs;
        world.signal(this.server, 'SIGTERM');
        return;
      case 'post': {
        const number = ++this.#posts;
        for (const name of action.heardBy) {
          const dueMs = world.nowMs + action.withinMs;
          this.due.push({ number, client: this.#client(name), dueMs });
        }
        const text = `post ${number} ${'x'.repeat(action.characters)}`;
        world.runOn(this.server, () => this.#chat?.post(action.user, text));
        return;
      }
    }
  }

  faultStruck(world: World, fault: Fault): void {
    const lastsMs =
      ('durationMs' in fault ? fault.durationMs : 0) +
      ('restartAfterMs' in fault ? (fault.restartAfterMs ?? 0) : 0);
    // A proxy that forwards bytes is no excuse for a client that is not connected.
    const endsAtMs = fault.kind === 'proxy' ? world.nowMs : world.nowMs + lastsMs;
    this.troubleEndsAtMs = Math.max(this.troubleEndsAtMs, endsAtMs);
  }

  leave(): void {
    this.isOver = true;
    for (const client of this.clients.values()) client.leave();
  }

  beforeChecks(world: World): void {
    this.nowMs = world.nowMs;
    const { endpoints } = this.server;
    for (const ghost of this.ghosts.keys()) if (!isGhost(ghost)) this.ghosts.delete(ghost);
    for (const endpoint of endpoints) {
      if (isGhost(endpoint) && !this.ghosts.has(endpoint)) this.ghosts.set(endpoint, world.nowMs);
    }
  }

  beforeFinalCheck(world: World): void {
    this.beforeChecks(world);
  }

  faults(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#misbehaviour);
  }

  metrics(): Readonly<Record<string, number>> {
    return {};
  }

  /** Plans an event at each deadline, so that a missed one is noticed even when nothing else happens. */
  #tick(world: World): void {
    world.schedule({
      kind: 'phase',
      atMs: world.nowMs + 1_000,
      side: 0,
      owner: undefined,
      id: 0,
      fire: () => {
        if (world.nowMs < this.#scenario.durationMs) this.#tick(world);
      },
    });
  }

  #exit(world: World): void {
    const plan = (atMs: number, fire: () => void) =>
      world.schedule({ kind: 'phase', atMs, side: 0, owner: undefined, id: 1, fire });
    plan(world.nowMs, () => world.kill(this.server));
    plan(world.nowMs + restartMs, () => world.boot(this.server));
  }

  #count({ kind }: ChatAction): void {
    this.#misbehaviour.set(kind, (this.#misbehaviour.get(kind) ?? 0) + 1);
  }

  #client(name: string): AppClient {
    const client = this.clients.get(name);
    if (client === undefined) throw new Error(`no client named ${name} ever connects`);
    return client;
  }
}

/** The process does not hold a connection that only the kernel still tries to close. */
function isGhost({ isOpen, connection }: Endpoint): boolean {
  return isOpen && connection.wasEstablished && connection.client?.isOpen !== true;
}
