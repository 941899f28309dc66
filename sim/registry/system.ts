/**
 * The registry as system under test: servers, any number of tabs, and the memory of what each of them saw. Does what the
 * actions and faults say; judges nothing.
 */
import type { Fault } from '../engine/scenario.ts';
import type { SystemUnderTest } from '../engine/simulate.ts';
import type { World } from '../engine/world.ts';
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
  userOf,
} from './scenario.ts';
import { Server } from './server.ts';
import { ServerWork } from './server-work.ts';
import { Tab } from './tab.ts';
import { Trouble } from './trouble.ts';
import { type Scene, Witness } from './witness.ts';

const serverName = 'server';

/** Events between two looks at everything, instead of only at the users that an event touched. */
const eventsBetweenAudits = 256;

/** How long a tab must have been well before anything that happens to it is wrong: longer than any probe or ping. */
export const wellForMs = 15_000;

export class RegistrySystem implements SystemUnderTest<RegistryAction>, Scene {
  readonly settings: Settings;
  readonly #library: Library;
  readonly #scenario: RegistryScenario;
  readonly tabs = new Map<string, Tab>();
  readonly witness: Witness;
  readonly trouble = new Trouble();
  /** Expectations of the scenario that did not come true. */
  disappointments: readonly string[] = [];
  readonly #faults = new Map<string, number>();
  messages = 0;
  /** Where each tab was last told to go. */
  readonly #homes = new Map<string, Connect>();
  /** Everything is looked at now, not only the users that the event touched. */
  isAuditEvent = false;
  #world: World | undefined;
  #server: Server | undefined;
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

  get server(): Server {
    return setUp(this.#server);
  }

  get chronicle() {
    return this.#server?.chronicle;
  }

  // What the engine asks.

  setUp(world: World): void {
    this.#world = world;
    const { settings, witness, trouble } = this;
    const work = new ServerWork(world, this.#library, settings, witness, trouble);
    this.#work = work;
    this.disappointments = work.disappointments;
    this.#server = new Server(world, serverName, this.#library, settings, (tab) =>
      this.answersSince(tab, wellForMs),
    );
    for (const name of tabNames(this.#scenario)) {
      const host = world.addHost(name, () => this.tabs.get(name)?.boot());
      this.tabs.set(name, new Tab(world, host, witness));
    }
  }

  perform(world: World, action: RegistryAction): void {
    const { server } = this;
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
      case 'post':
        work.post(server, this.#tab(action.tab), this.#homes.get(action.tab));
        return;
      case 'flood': {
        const text = 'x'.repeat(action.characters);
        const home = this.#homes.get(action.tab);
        work.flood(server, this.#tab(action.tab), home, action.messages, text);
        return;
      }
      case 'release':
        work.release(server, action.tab);
        return;
      case 'break-ping':
        work.breakPing(server, action.tab);
        return;
      case 'acquire':
        work.acquire(server, action.user, action.clientId);
        return;
      case 'cleanup':
        work.cleanup(server, action.user);
        return;
      case 'announce':
        work.announce(server);
        return;
      case 'terminate':
        if (server.chat === undefined || server.host.life?.alive !== true) return;
        this.#count('terminate');
        for (const tab of this.tabs.values())
          this.trouble.endsAt(tab.name, world.nowMs + action.drainMs + action.downMs);
        work.terminate(server, action.drainMs, action.downMs);
        return;
      case 'expect':
        this.#expect(action);
        return;
    }
  }

  faultStruck(world: World, fault: Fault): void {
    const untilMs =
      fault.kind === 'half-open'
        ? Number.POSITIVE_INFINITY
        : world.nowMs + ('durationMs' in fault ? fault.durationMs : 0);
    const struck = fault.host === serverName ? [...this.tabs.values()] : [this.#tab(fault.host)];
    for (const tab of struck) {
      this.trouble.until(tab.name, untilMs);
      this.witness.upgrades.met(tab);
    }
    if (fault.kind === 'half-open' || fault.kind === 'power-loss') this.#fellSilent(struck);
    if (fault.host === serverName && (fault.kind === 'kill' || fault.kind === 'power-loss')) {
      this.server.died();
    }
  }

  leave(world: World): void {
    this.chronicle?.due.silences.clear();
    for (const tab of this.tabs.values()) {
      this.trouble.endsAt(tab.name, world.nowMs);
      tab.leave();
    }
    // A peer that lost power is back by now and knows nothing of its connection: who writes to it learns so.
    const { server } = this;
    server.host.life?.run(() => setTimeout(() => setUp(this.#work).announce(server), 1_000));
  }

  observe(world: World): void {
    this.#look(world.event % eventsBetweenAudits === 0);
  }

  rest(): void {
    this.#look(true);
  }

  #look(isAudit: boolean): void {
    const { chronicle } = this;
    this.isAuditEvent = isAudit;
    if (chronicle === undefined) return;
    if (isAudit) chronicle.touchEveryone();
    if (chronicle.touchedUsers.size > 0) chronicle.noteEmpties();
  }

  /** The event was judged: what was said in it is not news any more. */
  turnPage(): void {
    this.chronicle?.turnPage();
  }

  faults(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#faults);
  }

  metrics(): Readonly<Record<string, number>> {
    const { cleanups, ...totals } = this.server.totals();
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

  // What invariants ask.

  /** Whether this tab has been there, reading and reachable, for at least so long. */
  answersSince(tabName: string, ms: number): boolean {
    const tab = this.tabs.get(tabName);
    if (tab === undefined || tab.deaf || !tab.isOpen) return false;
    return this.world.nowMs - this.trouble.endMs(tabName) > ms;
  }

  /** Whether a tab is in the middle of a backlog that the server has for it. One that does not read only seems to be. */
  isReading(line: Line): boolean {
    return this.tabs.get(line.tab)?.deaf === false && takesBacklog(line, this.world.nowMs);
  }

  heardPost(threadId: string, tab: string, number: number): void {
    this.chronicle?.posts.heard(threadId, tab, number);
  }

  // The rest.

  #expect({ figure, user, least, most }: Expect): void {
    const value = figureOf(this, figure, user);
    if (value >= least && value <= most) return;
    const whose = user === null ? '' : ` of ${user}`;
    const range = least === most ? `${least}` : `${least} to ${most}`;
    setUp(this.#work).disappointments.push(`${figure}${whose} should be ${range}, is ${value}`);
  }

  #fellSilent(tabs: readonly Tab[]): void {
    const { chronicle } = this;
    if (chronicle === undefined) return;
    for (const tab of tabs) {
      for (const line of chronicle.linesTo(tab.name)) chronicle.due.fellSilent(line);
    }
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

function tabNames({ actions, faults }: RegistryScenario): ReadonlySet<string> {
  const names = new Set<string>();
  for (const action of actions) if ('tab' in action) names.add(String(action.tab));
  for (const fault of faults) if (fault.host !== serverName) names.add(fault.host);
  for (const name of names) {
    if (userOf(name) === '')
      throw new Error(`a tab is named user.number, got ${JSON.stringify(name)}`);
  }
  return names;
}
