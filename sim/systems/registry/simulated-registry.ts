/**
 * The registry as system under test: servers, any number of tabs, and the records of both. It performs actions and
 * faults, and checks nothing.
 */

import type { SimulatedSystem } from '../../run/simulated-system.ts';
import type { World } from '../../run/world.ts';
import type { Fault } from '../../scenario/fault.ts';
import { ActionPerformer, serverNamed } from './action-performer.ts';
import { ChatClient } from './clients/chat-client.ts';
import { ClientObservations, type ObservationContext } from './clients/client-observations.ts';
import { HostileClient } from './clients/hostile-client.ts';
import { tabNames } from './clients/tab-names.ts';
import { metricsOf } from './figures/metrics.ts';
import type { Library } from './library.ts';
import { type ClientExcuses, wellForMs } from './model/client-excuses.ts';
import { type FaultContext, FaultExcuses } from './model/fault-excuses.ts';
import { type Line, takesBacklog } from './model/ground-truth.ts';
import type { PauseTimes } from './model/pause-times.ts';
import { Totals } from './model/totals.ts';
import {
  type RegistryAction,
  type RegistryScenario,
  type Settings,
  serverNames,
} from './scenario.ts';
import { Server } from './servers/server-under-test.ts';
import { ServerWork } from './servers/server-work.ts';
import { View } from './view.ts';

/**
 * Events between two complete checks. Other events check only the users that they touched. The interval grows with the
 * number of managers, so an event costs the same with ten connections and with 10,000.
 */
const eventsBetweenAudits = 256;
const eventsPerAuditedManager = 8;

export class SimulatedRegistry
  implements SimulatedSystem<RegistryAction>, ObservationContext, FaultContext
{
  readonly settings: Settings;
  readonly #library: Library;
  readonly #scenario: RegistryScenario;
  readonly tabs = new Map<string, ChatClient>();
  readonly hostileClients = new Map<string, HostileClient>();
  readonly observations: ClientObservations;
  readonly #faultExcuses = new FaultExcuses(this);
  /** Expectations of the scenario that failed. */
  unmetExpectations: readonly string[] = [];
  /** Whether everything is checked now, not only the users that the event touched. */
  isAuditEvent = false;
  #auditDueAt = eventsBetweenAudits;
  #world: World | undefined;
  /** In the order of their names. */
  servers: readonly Server[] = [];
  views: readonly View[] = [];
  #work: ServerWork | undefined;
  #actions: ActionPerformer | undefined;

  constructor(scenario: RegistryScenario, library: Library) {
    this.#scenario = scenario;
    this.settings = scenario.settings;
    this.#library = library;
    this.observations = new ClientObservations(scenario, this);
  }

  get world(): World {
    return setUp(this.#world);
  }

  get dropsSilently(): boolean {
    return this.#faultExcuses.dropsSilently;
  }

  get clientExcuses(): ClientExcuses {
    return this.#faultExcuses.clientExcuses;
  }

  get pauseTimes(): PauseTimes {
    return this.#faultExcuses.pauseTimes;
  }

  get nowMs(): number {
    return this.world.nowMs;
  }

  // Called by the engine.

  setUp(world: World): void {
    this.#world = world;
    const { settings, observations, clientExcuses } = this;
    const work = new ServerWork(world, this.#library, settings, observations, clientExcuses);
    this.#work = work;
    this.unmetExpectations = work.unmetExpectations;
    this.#actions = new ActionPerformer(this, work, this.#faultExcuses);
    const isWell = (tab: string) => this.answersSince(tab, wellForMs);
    const names = serverNames(settings.servers ?? 1);
    this.servers = names.map((name) => new Server(world, name, this.#library, settings, isWell));
    this.views = this.servers.map((server) => new View(this, server));
    for (const name of tabNames(this.#scenario, names)) {
      const host = world.addHost(name, () => this.tabs.get(name)?.boot());
      this.tabs.set(name, new ChatClient(world, host, names, observations));
    }
    for (const action of this.#scenario.actions) {
      if (action.kind !== 'attack' || this.hostileClients.has(action.attacker)) continue;
      const host = world.addHost(action.attacker, () => {});
      const attacker = new HostileClient(host, (text) => observations.complain('refusal', text));
      this.hostileClients.set(action.attacker, attacker);
    }
  }

  perform(_world: World, action: RegistryAction): void {
    setUp(this.#actions).perform(action);
  }

  faultStruck(_world: World, fault: Fault): void {
    this.#faultExcuses.struck(fault);
  }

  excuseUpgrade(tab: ChatClient): void {
    this.observations.upgrades.met(tab);
  }

  leave(world: World): void {
    for (const { recorder } of this.servers) recorder?.due.silences.clear();
    for (const tab of this.tabs.values()) {
      this.clientExcuses.endsAt(tab.name, world.nowMs);
      tab.leave();
    }
    // A peer that lost power runs again and has no state of its connection: it answers a write with a RST.
    const work = setUp(this.#work);
    for (const server of this.servers)
      server.host.process?.run(() => setTimeout(() => work.announce(server), 1_000));
  }

  beforeChecks(world: World): void {
    const isAudit = world.event >= this.#auditDueAt;
    if (isAudit) this.#auditDueAt = world.event + this.#eventsUntilAudit();
    this.#look(isAudit);
  }

  beforeFinalCheck(): void {
    this.#look(true);
  }

  #eventsUntilAudit(): number {
    let managers = 0;
    for (const { recorder } of this.servers) managers += recorder?.live.size ?? 0;
    return Math.max(eventsBetweenAudits, eventsPerAuditedManager * managers);
  }

  #look(isAudit: boolean): void {
    this.isAuditEvent = isAudit;
    for (const { recorder } of this.servers) {
      if (isAudit) recorder?.managers.touchEveryUser();
      if (recorder !== undefined && recorder.touchedUsers.size > 0) recorder.noteEmpties();
    }
  }

  /** The invariants have checked the event: its records are cleared. */
  afterChecks(): void {
    for (const { recorder } of this.servers) recorder?.afterChecks();
  }

  faults(): Readonly<Record<string, number>> {
    return Object.fromEntries(setUp(this.#actions).faults);
  }

  metrics(): Readonly<Record<string, number>> {
    return metricsOf(this, setUp(this.#actions).messages);
  }

  /** The figures of all servers, over all of their incarnations. */
  totals(): Totals {
    const totals = new Totals();
    for (const server of this.servers) totals.add(server.totals());
    return totals;
  }

  // Called by the invariants.

  /** Whether this tab has been connected, reading and reachable for at least this long. */
  answersSince(tabName: string, ms: number): boolean {
    const tab = this.tabs.get(tabName);
    if (tab === undefined || tab.deaf || !tab.isOpen) return false;
    return this.world.nowMs - this.clientExcuses.endMs(tabName) > ms;
  }

  /**
   * Whether a tab is reading a backlog of the server. A tab that does not read has no progress.
   */
  isReading(line: Line): boolean {
    const { nowMs } = this.world;
    const isCut = this.clientExcuses.cutForMs(line.tab, nowMs) > 0;
    return !isCut && this.tabs.get(line.tab)?.deaf === false && takesBacklog(line, nowMs);
  }

  heardPost({ server, name }: ChatClient, threadId: string, number: number): void {
    serverNamed(this.servers, server).recorder?.posts.heard(threadId, name, number);
  }
}

function setUp<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the system was not set up');
  return part;
}
