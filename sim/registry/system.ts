/**
 * The registry as system under test: one server, any number of tabs, and the memory of what each of them saw. Does what
 * the actions say; judges nothing.
 */

import type { Fault } from '../engine/scenario.ts';
import type { SystemUnderTest } from '../engine/simulate.ts';
import type { Host } from '../engine/tcp/host.ts';
import type { World } from '../engine/world.ts';
import { type ChatServer, envelope, startChatServer } from './chat-server.ts';
import { Chronicle } from './chronicle.ts';
import { Deadlines } from './deadlines.ts';
import { figureOf } from './figures.ts';
import { breakPing, type Line, takesBacklog } from './ground-truth.ts';
import { derivedThreadId } from './identity.ts';
import type { Library } from './library.ts';
import {
  type Connect,
  optionOf,
  type RegistryAction,
  type RegistryScenario,
  type Settings,
  userOf,
} from './scenario.ts';
import { type Envelope, Tab, type TabObserver } from './tab.ts';

const serverName = 'server';

/** Events between two looks at everything, instead of only at the users that an event touched. */
const eventsBetweenAudits = 256;

/** How long a tab must have been well before anything that happens to it is wrong: longer than any probe or ping. */
export const wellForMs = 15_000;

/** How long a flood may keep a line busy: it is as long as a small window and a slow link make it. */
const floodTroubleMs = 20_000;

/** Figures of earlier incarnations of the server, added up. */
interface Totals {
  created: number;
  evicted: number;
  peak: number;
  userPeak: number;
  proactiveFrom: number;
  limitHits: number;
  proactive: { count: number; longestMs: number };
  emergency: { count: number; longestMs: number };
}

/** What a tab or the server's own work saw and should not have. */
export interface Complaint {
  readonly about: 'isolation' | 'identity' | 'refusal' | 'acquire' | 'outsider' | 'late';
  readonly text: string;
}

export class RegistrySystem implements SystemUnderTest<RegistryAction>, TabObserver {
  readonly settings: Settings;
  readonly #library: Library;
  readonly #scenario: RegistryScenario;
  readonly tabs = new Map<string, Tab>();
  /** The process of the server that runs, if one does. */
  chat: ChatServer | undefined;
  /** What its registry said. Kept after the process has died, until the next one starts. */
  chronicle: Chronicle | undefined;
  /** Upgrades that wait for an answer, by tab. */
  readonly upgrades = new Deadlines<Tab>();
  /** What the tabs saw and should not have: in words. */
  readonly complaints: Complaint[] = [];
  /** Expectations of the scenario that did not come true. */
  readonly disappointments: string[] = [];
  /** Thread ids by user, as clients and the server's own work were told. */
  readonly threads = new Map<string, Set<string>>();
  /** Upgrades that were refused with 429 and `Retry-After`, by user. */
  readonly refused = new Map<string, number>();
  readonly claimedThreads: ReadonlySet<string>;
  /** Until when a tab cannot be blamed for silence, in virtual milliseconds. */
  readonly #troubledUntilMs = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #totals: Totals = {
    created: 0,
    evicted: 0,
    peak: 0,
    userPeak: 0,
    proactiveFrom: Number.POSITIVE_INFINITY,
    limitHits: 0,
    proactive: { count: 0, longestMs: 0 },
    emergency: { count: 0, longestMs: 0 },
  };
  messages = 0;
  opened = 0;
  #posts = 0;
  /** Where each tab was last told to go. */
  readonly #homes = new Map<string, Connect>();
  /** Everything is looked at now, not only the users that the event touched. */
  isAuditEvent = false;
  #left = false;
  #world: World | undefined;

  constructor(scenario: RegistryScenario, library: Library) {
    this.#scenario = scenario;
    this.settings = scenario.settings;
    this.#library = library;
    this.claimedThreads = new Set(
      scenario.actions.flatMap((action) =>
        action.kind === 'connect' && action.threadId !== null ? [action.threadId] : [],
      ),
    );
  }

  get world(): World {
    if (this.#world === undefined) throw new Error('the system was not set up');
    return this.#world;
  }

  // What the engine asks.

  setUp(world: World): void {
    this.#world = world;
    world.addHost(serverName, () => this.#bootServer());
    for (const name of tabNames(this.#scenario)) {
      const host = world.addHost(name, () => this.tabs.get(name)?.boot());
      this.tabs.set(name, new Tab(world, host, this));
    }
  }

  perform(world: World, action: RegistryAction): void {
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
        this.#post(this.#tab(action.tab));
        return;
      case 'flood':
        this.#flood(this.#tab(action.tab), action.messages, 'x'.repeat(action.characters));
        return;
      case 'release':
        this.#release(action.tab);
        return;
      case 'break-ping':
        this.#breakPing(action.tab);
        return;
      case 'acquire':
        this.#inServer((chat, chronicle) =>
          this.#acquire(chat, chronicle, action.user, action.clientId),
        );
        return;
      case 'cleanup':
        this.#inServer(({ registry }, chronicle) => {
          const boundMs = this.#option('probeTimeoutMs') + this.#option('closeTimeoutMs');
          this.#follow(
            chronicle,
            `cleanup of ${action.user}`,
            boundMs,
            registry.cleanup(action.user),
          );
        });
        return;
      case 'announce':
        this.#announce();
        return;
      case 'terminate':
        this.#terminate(world, action.drainMs, action.downMs);
        return;
      case 'expect': {
        const value = figureOf(this, action.figure, action.user);
        if (value >= action.least && value <= action.most) return;
        const whose = action.user === null ? '' : ` of ${action.user}`;
        const range =
          action.least === action.most ? `${action.least}` : `${action.least} to ${action.most}`;
        this.disappointments.push(`${action.figure}${whose} should be ${range}, is ${value}`);
        return;
      }
    }
  }

  faultStruck(world: World, fault: Fault): void {
    const untilMs =
      fault.kind === 'half-open'
        ? Number.POSITIVE_INFINITY
        : world.nowMs + ('durationMs' in fault ? fault.durationMs : 0);
    const struck = fault.host === serverName ? [...this.tabs.values()] : [this.#tab(fault.host)];
    for (const tab of struck) {
      this.#troubledUntilMs.set(
        tab.name,
        Math.max(untilMs, this.#troubledUntilMs.get(tab.name) ?? 0),
      );
      this.upgrades.met(tab);
    }
    if (fault.kind === 'half-open' || fault.kind === 'power-loss') this.#fellSilent(struck);
    if (fault.host === serverName && (fault.kind === 'kill' || fault.kind === 'power-loss')) {
      this.#serverDied();
    }
  }

  leave(world: World): void {
    this.#left = true;
    this.chronicle?.silences.clear();
    for (const tab of this.tabs.values()) {
      this.#troubledUntilMs.set(tab.name, world.nowMs);
      tab.leave();
    }
    // A peer that lost power is back by now and knows nothing of its connection: who writes to it learns so.
    const server = world.host(serverName);
    server.life?.run(() => setTimeout(() => this.#announce(), 1_000));
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
    this.#addUp();
    const { proactive, emergency, created, evicted, limitHits } = this.#totals;
    const { peak, userPeak, proactiveFrom } = this.#totals;
    let refused = 0;
    for (const count of this.refused.values()) refused += count;
    return {
      managersPeak: peak,
      managersOfOneUserPeak: userPeak,
      managersPerUserMax: this.#option('maxManagersPerUser'),
      managersCreated: created,
      managersEvicted: evicted,
      proactiveCleanups: proactive.count,
      proactiveLongestMs: proactive.longestMs,
      ...(proactive.count > 0 ? { proactiveFromLeast: proactiveFrom } : {}),
      emergencyCleanups: emergency.count,
      emergencyLongestMs: emergency.longestMs,
      limitsReached: limitHits,
      refused,
      tabsOpened: this.opened,
      messages: this.messages,
    };
  }

  // What invariants ask.

  get hasLeft(): boolean {
    return this.#left;
  }

  /** Figures of this incarnation and those before it. */
  total(figure: 'created' | 'evicted'): number {
    return this.#totals[figure] + (this.chronicle?.[figure] ?? 0);
  }

  get emergenciesEnded(): number {
    return this.#totals.emergency.count + (this.chronicle?.cleanups.emergency.count ?? 0);
  }

  /** Whether this tab has been there, reading and reachable, for at least so long. */
  answersSince(tabName: string, ms: number): boolean {
    const tab = this.tabs.get(tabName);
    if (tab === undefined || tab.deaf || !tab.isOpen) return false;
    return this.world.nowMs - (this.#troubledUntilMs.get(tabName) ?? 0) > ms;
  }

  /** Whether a tab is in the middle of a backlog that the server has for it. One that does not read only seems to be. */
  isReading(line: Line): boolean {
    return this.tabs.get(line.tab)?.deaf === false && takesBacklog(line, this.world.nowMs);
  }

  // What tabs tell.

  upgradeBegan(tab: Tab): void {
    const startedMs = this.world.nowMs;
    const boundMs =
      this.#option('authenticationTimeoutMs') +
      this.#option('emergencyDeadlineMs') +
      this.#option('closeTimeoutMs');
    // Five handshakes' worth of latency, for the way there and back.
    const wayMs = 10 * this.world.profile.latencyMs.max;
    this.upgrades.set(
      tab,
      startedMs + boundMs + wayMs,
      () => `the upgrade of ${tab.name}, begun at ${startedMs} ms, was not answered`,
    );
  }

  upgradeEnded(tab: Tab): void {
    this.upgrades.met(tab);
  }

  tabOpened(tab: Tab, threadId: string): void {
    this.opened += 1;
    if (this.#troubledUntilMs.get(tab.name) === Number.POSITIVE_INFINITY) {
      this.#troubledUntilMs.set(tab.name, this.world.nowMs);
    }
    this.#noteThread(tab.user, threadId);
    const expected = this.#expectedThread(tab);
    if (expected !== undefined && threadId !== expected) {
      this.complaints.push({
        about: 'identity',
        text: `${tab.name} was told thread ${threadId}, not ${expected}`,
      });
    }
  }

  tabRefused(tab: Tab, status: number, retryAfter: string | undefined, whole: boolean): void {
    this.upgrades.met(tab);
    this.#count(`refused-${status}`, false);
    if (status === 429) this.refused.set(tab.user, (this.refused.get(tab.user) ?? 0) + 1);
    const late = status === 429 && !/^[1-9]\d*$/.test(retryAfter ?? '');
    if (late)
      this.complaints.push({
        about: 'refusal',
        text: `${tab.name} got 429 with Retry-After ${retryAfter}`,
      });
    const troubled = this.world.nowMs - (this.#troubledUntilMs.get(tab.name) ?? 0) < 1_000;
    if (!whole && !troubled) {
      this.complaints.push({
        about: 'refusal',
        text: `${tab.name} got a ${status} that ended early`,
      });
    }
  }

  tabHeard(tab: Tab, { kind, userId, threadId, number }: Envelope): void {
    if (kind === 'post') this.chronicle?.posts.heard(threadId, tab.name, number);
    if (userId === tab.user && threadId === tab.threadId) return;
    this.complaints.push({
      about: 'isolation',
      text: `${tab.name} of thread ${tab.threadId} heard "${kind}" of ${userId}, thread ${threadId}`,
    });
  }

  // The server.

  #bootServer(): void {
    const { world } = this;
    const { incarnations } = world.host(serverName);
    this.#addUp();
    const random = world.random.for('authentication', incarnations);
    this.chat = startChatServer(this.#library, this.settings, random, (registry) => {
      this.chronicle = new Chronicle(
        registry,
        this.settings,
        incarnations,
        () => world.nowMs,
        (tab) => this.answersSince(tab, wellForMs),
      );
    });
  }

  #serverDied(): void {
    this.chat = undefined;
    this.chronicle?.processDied();
  }

  #inServer(body: (chat: ChatServer, chronicle: Chronicle) => void): void {
    const { chat, chronicle } = this;
    const { life } = this.world.host(serverName);
    if (chat === undefined || chronicle === undefined || !life?.alive) return;
    life.run(() => body(chat, chronicle));
  }

  #acquire(
    chat: ChatServer,
    chronicle: Chronicle,
    userId: string,
    websocketClientId: string,
  ): void {
    const context = this.#library.UserExecutionContext.fromWebSocketRequest({
      userId,
      websocketClientId,
    });
    this.#noteThread(userId, context.threadId);
    const boundMs = this.#option('emergencyDeadlineMs') + this.#option('closeTimeoutMs');
    const acquired = chat.registry.acquire(context).then((manager) => {
      chronicle.expectLater(manager);
      if (!chronicle.live.has(manager)) {
        const text = `acquire gave a manager of ${manager.isolationKey} that the registry does not hold`;
        this.complaints.push({ about: 'outsider', text });
      }
      if (manager.context.threadId === context.threadId && manager.context.userId === userId)
        return;
      this.complaints.push({
        about: 'identity',
        text: `acquire for thread ${context.threadId} gave a manager of ${manager.context.threadId}`,
      });
    });
    this.#follow(chronicle, `acquire of ${context.isolationKey}`, boundMs, acquired);
  }

  /** Sees to it that a call settles in time. Refusals are answers too. */
  #follow(chronicle: Chronicle, what: string, boundMs: number, call: Promise<unknown>): void {
    const key = {};
    const startedMs = this.world.nowMs;
    chronicle.calls.set(
      key,
      startedMs + boundMs + 2_000,
      () => `${what}, called at ${startedMs} ms, is pending`,
    );
    const settled = () => chronicle.calls.met(key);
    call.then(settled, (error: unknown) => {
      settled();
      if (error instanceof this.#library.LeaktightError) return;
      this.complaints.push({ about: 'acquire', text: `${what} failed: ${String(error)}` });
    });
  }

  /** Posts to the thread that the tab would return to, if it has a manager. */
  #post(tab: Tab): void {
    this.#inServer(({ registry }, chronicle) => {
      const manager = registry.get(this.#contextOf(registry, tab));
      if (manager === undefined) return;
      const number = ++this.#posts;
      const sockets = [...manager.connections.values()].map(({ socket }) => socket);
      const isHeard = sockets.some((socket) => socket.readyState === socket.OPEN);
      if (!isHeard) chronicle.posts.posted(manager.isolationKey, number);
      chronicle.touchedUsers.add(tab.user);
      manager.send(envelope('post', { manager }, '', number));
    });
  }

  #flood(tab: Tab, messages: number, text: string): void {
    this.#inServer(({ registry }, chronicle) => {
      const manager = registry.get(this.#contextOf(registry, tab));
      if (manager === undefined || manager.connections.size === 0) return;
      chronicle.touchedUsers.add(tab.user);
      // A ping stands behind all of this in a kernel that tells nobody how far it is.
      for (const line of chronicle.live.get(manager)?.lines ?? [])
        this.#trouble(line.tab, floodTroubleMs);
      for (let count = 0; count < messages; count++) {
        manager.send(envelope('flood', { manager }, text));
      }
    });
  }

  #release(tab: string): void {
    this.#inServer((_chat, chronicle) => {
      for (const { connection } of chronicle.linesTo(tab)) {
        const boundMs = this.#option('closeTimeoutMs');
        chronicle.released.add(connection);
        this.#follow(chronicle, `release of ${tab}`, boundMs, connection.release());
      }
    });
  }

  #breakPing(tab: string): void {
    this.#inServer((_chat, chronicle) => {
      for (const line of chronicle.linesTo(tab)) breakPing(line);
    });
  }

  #contextOf(registry: ChatServer['registry'], tab: Tab) {
    const { clientId, threadId } = this.#homes.get(tab.name) ?? { clientId: null, threadId: null };
    return registry.contextFor({
      userId: tab.user,
      websocketClientId: clientId ?? undefined,
      threadId: threadId ?? undefined,
    });
  }

  /** From now on for so long, a tab cannot be blamed for silence. */
  #trouble(tab: string, ms: number): void {
    const untilMs = this.world.nowMs + ms;
    this.#troubledUntilMs.set(tab, Math.max(untilMs, this.#troubledUntilMs.get(tab) ?? 0));
  }

  #fellSilent(tabs: readonly Tab[]): void {
    const { chronicle } = this;
    if (chronicle === undefined) return;
    for (const tab of tabs) {
      for (const line of chronicle.linesTo(tab.name)) chronicle.fellSilent(line);
    }
  }

  #announce(): void {
    this.#inServer(({ registry }) => {
      for (const manager of registry.managers())
        manager.send(envelope('announcement', { manager }, ''));
    });
  }

  #terminate(world: World, drainMs: number, downMs: number): void {
    const host = world.host(serverName);
    this.#inServer(({ registry, httpServer }, chronicle) => {
      this.#count('terminate');
      for (const tab of this.tabs.values())
        this.#troubledUntilMs.set(tab.name, world.nowMs + drainMs + downMs);
      chronicle.shutdowns.set(
        registry,
        world.nowMs + drainMs,
        () => `shutdown within ${drainMs} ms`,
      );
      httpServer.close();
      registry.shutdown({ drainMs }).then(() => {
        chronicle.shutdowns.met(registry);
        this.#acquireAfterShutdown(registry);
        const { connections, managers } = registry.stats();
        if (connections + managers > 0) {
          this.disappointments.push(
            `shutdown left ${managers} managers and ${connections} connections`,
          );
        }
        this.#exit(host, downMs);
      });
    });
  }

  /** A registry that is shut down takes nobody in. */
  #acquireAfterShutdown(registry: ChatServer['registry']): void {
    const context = registry.contextFor({ userId: 'late', websocketClientId: 'late' });
    const complain = (text: string) => this.complaints.push({ about: 'late', text });
    registry.acquire(context).then(
      () => complain('an acquire after the shutdown succeeded'),
      (error: unknown) => {
        if (error instanceof this.#library.RegistryClosedError) return;
        complain(`an acquire after the shutdown failed with ${String(error)}`);
      },
    );
  }

  /** The process ends by itself, and is started again. */
  #exit(host: Host, downMs: number): void {
    const { world } = this;
    const plan = (atMs: number, fire: () => void) =>
      world.schedule({ kind: 'phase', atMs, side: 0, life: undefined, id: 1, fire });
    plan(world.nowMs, () => {
      world.kill(host);
      this.#serverDied();
    });
    plan(world.nowMs + downMs, () => world.boot(host));
  }

  // The rest.

  #tab(name: string): Tab {
    const tab = this.tabs.get(name);
    if (tab === undefined) throw new Error(`no tab named ${name}`);
    return tab;
  }

  #drop(tab: Tab): void {
    const kind = tab.isConnecting ? 'reset-during-upgrade' : 'client-reset';
    if (tab.drop()) this.#count(kind);
  }

  #expectedThread(tab: Tab): string | undefined {
    const goal = tab.goal;
    if (goal === undefined) return undefined;
    if (goal.threadId !== null) return goal.threadId;
    return goal.clientId === null ? undefined : derivedThreadId(tab.user, goal.clientId);
  }

  #noteThread(userId: string, threadId: string): void {
    const known = this.threads.get(userId) ?? new Set();
    this.threads.set(userId, known.add(threadId));
  }

  #count(fault: string, isFault = true): void {
    if (isFault) this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
  }

  #option(name: Parameters<typeof optionOf>[1]): number {
    return optionOf(this.settings, name);
  }

  /** Puts the figures of an incarnation that is over into the totals. */
  #addUp(): void {
    const { chronicle } = this;
    this.chronicle = undefined;
    if (chronicle === undefined) return;
    const totals = this.#totals;
    totals.created += chronicle.created;
    totals.evicted += chronicle.evicted;
    totals.limitHits += chronicle.limitHits;
    totals.peak = Math.max(totals.peak, chronicle.peak);
    totals.userPeak = Math.max(totals.userPeak, chronicle.userPeak);
    totals.proactiveFrom = Math.min(totals.proactiveFrom, chronicle.proactiveFrom);
    for (const kind of ['proactive', 'emergency'] as const) {
      totals[kind].count += chronicle.cleanups[kind].count;
      totals[kind].longestMs = Math.max(totals[kind].longestMs, chronicle.cleanups[kind].longestMs);
    }
  }
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
