/**
 * The registry as system under test: servers, any number of tabs, and the memory of what each of them saw. Does what the
 * actions and faults say; judges nothing.
 */
import type { Fault, FaultKind } from '../engine/fault.ts';
import { hostsOf } from '../engine/faults.ts';
import type { SystemUnderTest } from '../engine/simulate.ts';
import type { World } from '../engine/world.ts';
import { Attacker } from './attacker.ts';
import { figureOf } from './figures.ts';
import { type Line, takesBacklog } from './ground-truth.ts';
import type { Library } from './library.ts';
import {
  type Connect,
  type Expect,
  optionOf,
  type RegistryAction,
  type RegistryScenario,
  type Settings,
  type Terminate,
  userOf,
} from './scenario.ts';
import { Server } from './server.ts';
import { ServerWork } from './server-work.ts';
import { Stalls } from './stalls.ts';
import { Tab } from './tab.ts';
import { Totals } from './totals.ts';
import { Trouble, wellForMs } from './trouble.ts';
import { View } from './view.ts';
import { type Scene, Witness } from './witness.ts';

/** Events between two looks at everything, instead of only at the users that an event touched. */
const eventsBetweenAudits = 256;

/** Faults after which the peer answers nothing any more, on that connection. */
const silences: ReadonlySet<FaultKind> = new Set(['half-open', 'address-change']);

/** Faults that lose segments, or SYNs, for a time. */
const cuts: ReadonlySet<FaultKind> = new Set(['partition', 'blackhole']);

export class RegistrySystem implements SystemUnderTest<RegistryAction>, Scene {
  readonly settings: Settings;
  readonly #library: Library;
  readonly #scenario: RegistryScenario;
  readonly tabs = new Map<string, Tab>();
  readonly attackers = new Map<string, Attacker>();
  readonly witness: Witness;
  readonly trouble = new Trouble();
  /** Of any server. */
  readonly stalls = new Stalls();
  /** Until when a proxy answers for clients that are gone. */
  #zombiesUntilMs = 0;
  /** Expectations of the scenario that did not come true. */
  disappointments: readonly string[] = [];
  readonly #faults = new Map<string, number>();
  messages = 0;
  /** Where each tab was last told to go. */
  readonly #homes = new Map<string, Connect>();
  /** Everything is looked at now, not only the users that the event touched. */
  isAuditEvent = false;
  #world: World | undefined;
  /** In the order of their names. */
  servers: readonly Server[] = [];
  views: readonly View[] = [];
  #work: ServerWork | undefined;

  constructor(scenario: RegistryScenario, library: Library) {
    this.#scenario = scenario;
    this.settings = scenario.settings;
    this.#library = library;
    this.witness = new Witness(scenario, this);
  }

  get world(): World {
    return setUp(this.#world);
  }

  get nowMs(): number {
    return this.world.nowMs;
  }

  // What the engine asks.

  setUp(world: World): void {
    this.#world = world;
    const { settings, witness, trouble } = this;
    const work = new ServerWork(world, this.#library, settings, witness, trouble);
    this.#work = work;
    this.disappointments = work.disappointments;
    const isWell = (tab: string) => this.answersSince(tab, wellForMs);
    const names = serverNames(settings);
    this.servers = names.map((name) => new Server(world, name, this.#library, settings, isWell));
    this.views = this.servers.map((server) => new View(this, server));
    for (const name of tabNames(this.#scenario, names)) {
      const host = world.addHost(name, () => this.tabs.get(name)?.boot());
      this.tabs.set(name, new Tab(world, host, names, witness));
    }
    for (const action of this.#scenario.actions) {
      if (action.kind !== 'attack' || this.attackers.has(action.attacker)) continue;
      const host = world.addHost(action.attacker, () => {});
      const attacker = new Attacker(host, (text) => witness.complain('refusal', text));
      this.attackers.set(action.attacker, attacker);
    }
  }

  perform(world: World, action: RegistryAction): void {
    const work = setUp(this.#work);
    switch (action.kind) {
      case 'connect':
        this.#homes.set(action.tab, action);
        this.#tab(action.tab).connect(action);
        return;
      case 'say':
        if (this.#tab(action.tab).say(action.characters)) this.messages += 1;
        return;
      case 'close':
        this.#tab(action.tab).close();
        return;
      case 'drop':
        this.#drop(this.#tab(action.tab));
        return;
      case 'deafen':
        if (!this.#tab(action.tab).deafen()) return;
        this.#count('deaf-client');
        this.#fellSilent([this.#tab(action.tab)]);
        return;
      case 'move':
        if (this.#tab(action.tab).move()) this.#count('client-moved');
        return;
      case 'reload':
        this.#tab(action.tab).reload();
        return;
      case 'post':
        for (const server of this.servers)
          work.post(server, this.#tab(action.tab), this.#homes.get(action.tab));
        return;
      case 'flood': {
        const text = 'x'.repeat(action.characters);
        const home = this.#homes.get(action.tab);
        for (const server of this.servers)
          work.flood(server, this.#tab(action.tab), home, action.messages, text);
        return;
      }
      case 'release':
        for (const server of this.servers) work.release(server, action.tab);
        return;
      case 'break-ping':
        for (const server of this.servers) work.breakPing(server, action.tab);
        return;
      case 'acquire':
        work.acquire(this.#server(action), action.user, action.clientId);
        return;
      case 'cleanup':
        work.cleanup(this.#server(action), action.user);
        return;
      case 'announce':
        work.announce(this.#server(action));
        return;
      case 'terminate':
        this.#terminate(world, action);
        return;
      case 'attack':
        this.#count(action.how);
        this.attackers.get(action.attacker)?.attack(action);
        return;
      case 'expect':
        this.#expect(action);
        return;
    }
  }

  faultStruck(world: World, fault: Fault): void {
    const server = this.servers.find(({ host }) => host.name === fault.host);
    if (fault.kind === 'clock-jump' || fault.kind === 'clock-drift') {
      // Nobody may notice.
      server?.wallClockSteps.push(world.nowMs);
      return;
    }
    if (fault.kind === 'pause' && server !== undefined) {
      // Its peers are as well as before, and must not be taken for dead.
      server.stalls.add(world.nowMs, fault.durationMs);
      this.stalls.add(world.nowMs, fault.durationMs);
      return;
    }
    if (fault.kind === 'proxy') {
      if (fault.zombie === true) this.#zombiesUntilMs = world.nowMs + fault.durationMs;
      return;
    }
    const struck = this.#struckBy(fault);
    for (const tab of struck) {
      this.witness.upgrades.met(tab);
      this.#trouble(tab.name, fault);
    }
    if (silences.has(fault.kind) || fault.kind === 'power-loss') this.#fellSilent(struck, server);
    if (fault.kind === 'kill' || fault.kind === 'power-loss') server?.died();
  }

  #trouble(tab: string, fault: Fault): void {
    const { nowMs } = this;
    const durationMs = 'durationMs' in fault ? fault.durationMs : 0;
    if (silences.has(fault.kind)) this.trouble.until(tab, Number.POSITIVE_INFINITY);
    // The next retransmission after the end may come as late again as the cut was long.
    else if (cuts.has(fault.kind)) this.trouble.cutUntil(tab, nowMs + 2 * durationMs + 1_000);
    // What was sent before its end is on its way for a while.
    else if (fault.kind === 'slow-link')
      this.trouble.cutUntil(tab, nowMs + durationMs + 2 * fault.addedMs);
    else this.trouble.until(tab, nowMs + durationMs);
  }

  /** The tabs that a fault may keep from speaking or hearing. */
  #struckBy(fault: Fault): Tab[] {
    const hosts = hostsOf(fault);
    const isOfServer = this.servers.some(({ host }) => hosts.includes(host.name));
    if (isOfServer) return [...this.tabs.values()];
    return hosts.flatMap((name) => this.tabs.get(name) ?? []);
  }

  leave(world: World): void {
    for (const { chronicle } of this.servers) chronicle?.due.silences.clear();
    for (const tab of this.tabs.values()) {
      this.trouble.endsAt(tab.name, world.nowMs);
      tab.leave();
    }
    // A peer that lost power is back by now and knows nothing of its connection: who writes to it learns so.
    const work = setUp(this.#work);
    for (const server of this.servers)
      server.host.life?.run(() => setTimeout(() => work.announce(server), 1_000));
  }

  observe(world: World): void {
    this.#look(world.event % eventsBetweenAudits === 0);
  }

  rest(): void {
    this.#look(true);
  }

  #look(isAudit: boolean): void {
    this.isAuditEvent = isAudit;
    for (const { chronicle } of this.servers) {
      if (isAudit) chronicle?.touchEveryone();
      if (chronicle !== undefined && chronicle.touchedUsers.size > 0) chronicle.noteEmpties();
    }
  }

  /** The event was judged: what was said in it is not news any more. */
  turnPage(): void {
    for (const { chronicle } of this.servers) chronicle?.turnPage();
  }

  faults(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#faults);
  }

  metrics(): Readonly<Record<string, number>> {
    const { cleanups, ...totals } = this.totals();
    const { proactive, emergency } = cleanups;
    let refused = 0;
    for (const count of this.witness.refused.values()) refused += count;
    return {
      managersPeak: totals.peak,
      managersOfOneUserPeak: totals.userPeak,
      managersPerUserMax: optionOf(this.settings, 'maxManagersPerUser'),
      managersCreated: totals.created,
      managersEvicted: totals.evicted,
      proactiveCleanups: proactive.count,
      proactiveLongestMs: proactive.longestMs,
      ...(proactive.count > 0 ? { proactiveFromLeast: totals.proactiveFrom } : {}),
      emergencyCleanups: emergency.count,
      emergencyLongestMs: emergency.longestMs,
      limitsReached: totals.limitHits,
      refused,
      tabsOpened: this.witness.opened,
      messages: this.messages,
    };
  }

  /** The figures of all servers, over all of their incarnations. */
  totals(): Totals {
    const totals = new Totals();
    for (const server of this.servers) totals.add(server.totals());
    return totals;
  }

  // What invariants ask.

  /** Whether this tab has been there, reading and reachable, for at least so long. */
  answersSince(tabName: string, ms: number): boolean {
    const tab = this.tabs.get(tabName);
    if (tab === undefined || tab.deaf || !tab.isOpen) return false;
    return this.world.nowMs - this.trouble.endMs(tabName) > ms;
  }

  /** Whether a tab is in the middle of a backlog that the server has for it. One that does not read only seems to be. */
  isReading(line: Line): boolean {
    const { nowMs } = this.world;
    const isCut = this.trouble.cutForMs(line.tab, nowMs) > 0;
    return !isCut && this.tabs.get(line.tab)?.deaf === false && takesBacklog(line, nowMs);
  }

  heardPost({ server, name }: Tab, threadId: string, number: number): void {
    this.#server({ server }).chronicle?.posts.heard(threadId, name, number);
  }

  // The rest.

  #expect({ figure, user, least, most }: Expect): void {
    const value = figureOf(this, figure, user);
    if (value >= least && value <= most) return;
    const whose = user === null ? '' : ` of ${user}`;
    const range = least === most ? `${least}` : `${least} to ${most}`;
    setUp(this.#work).disappointments.push(`${figure}${whose} should be ${range}, is ${value}`);
  }

  /** These tabs answer nothing from now on: to one server, or to any. */
  #fellSilent(tabs: readonly Tab[], only?: Server): void {
    // The server cannot know: somebody answers for them.
    if (this.nowMs < this.#zombiesUntilMs) return;
    for (const server of only === undefined ? this.servers : [only]) {
      const { chronicle } = server;
      for (const tab of tabs) {
        for (const line of chronicle?.linesTo(tab.name) ?? []) chronicle?.due.fellSilent(line);
      }
    }
  }

  #terminate(world: World, action: Terminate): void {
    const server = this.#server(action);
    if (server.chat === undefined || server.host.life?.alive !== true) return;
    this.#count('terminate');
    for (const tab of this.tabs.values())
      this.trouble.endsAt(tab.name, world.nowMs + action.drainMs + action.downMs);
    setUp(this.#work).terminate(server, action.drainMs, action.downMs);
  }

  #server({ server: name = 'server' }: { readonly server?: string }): Server {
    const server = this.servers.find(({ host }) => host.name === name);
    if (server === undefined) throw new Error(`no server named ${name}`);
    return server;
  }

  #tab(name: string): Tab {
    const tab = this.tabs.get(name);
    if (tab === undefined) throw new Error(`no tab named ${name}`);
    return tab;
  }

  #drop(tab: Tab): void {
    const kind = tab.isConnecting ? 'reset-during-upgrade' : 'client-reset';
    if (tab.drop()) this.#count(kind);
  }

  #count(fault: string): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
  }
}

function setUp<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the system was not set up');
  return part;
}

function serverNames({ servers = 1 }: Settings): readonly string[] {
  return Array.from({ length: servers }, (_, index) =>
    index === 0 ? 'server' : `server-${index + 1}`,
  );
}

function tabNames(
  { actions, faults }: RegistryScenario,
  servers: readonly string[],
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const action of actions) if ('tab' in action) names.add(String(action.tab));
  for (const fault of faults)
    for (const host of hostsOf(fault)) if (!servers.includes(host)) names.add(host);
  for (const name of names) {
    if (userOf(name) === '')
      throw new Error(`a tab is named user.number, got ${JSON.stringify(name)}`);
  }
  return names;
}
