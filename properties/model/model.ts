/**
 * The smallest model of the clients that should be connected, the messages that they should have received, and the
 * counts of the registry. It has no sockets and no timers: it is compared only when nothing is pending.
 */

/** The options that the model is about. Small, so that few commands reach every limit. */
export const settings = {
  maxManagersPerUser: 3,
  outboxMaxMessages: 2,
  // Every command begins at a full tenth of a second: no grace ends while one is under way.
  reconnectGraceMs: 10_050,
  birthGraceMs: 4_050,
} as const;

/** Ends of time that no command waits for: the outbox has a property of its own, which knows ages. */
export const outboxMaxAgeMs = 10_000_000;

/**
 * A tab. Those of one thread share its manager; `Object.keys` gives the threads of a user in the order of their names.
 */
export interface TabName {
  readonly user: string;
  readonly thread: string;
  readonly tab: string;
}

/** Few users on purpose, one of them with more threads than the limit has room for. */
export const tabs: readonly TabName[] = [
  ...['x1', 'x2', 'y1', 'y2', 'z1', 'w1'].map((tab) => tabOf('ada', tab)),
  ...['x1', 'y1'].map((tab) => tabOf('bob', tab)),
];

function tabOf(user: string, tab: string): TabName {
  return { user, thread: `${user}/${tab.slice(0, 1)}`, tab: `${user}/${tab}` };
}

interface Thread {
  readonly user: string;
  readonly tabs: Set<string>;
  readonly outbox: string[];
  wasConnected: boolean;
  /** Since when it has no connection. */
  idleSinceMs: number;
  /** When it was last given to work beside the socket while it had no connection. */
  givenAtMs: number;
}

/** What the registry should count, under the names of its own statistics. */
export type Counters = Record<
  | 'managersCreated'
  | 'managersRemoved'
  | 'connectionsOpened'
  | 'connectionsClosed'
  | 'limitsReached'
  | 'upgradesRefused'
  | 'messagesQueued'
  | 'messagesReplayed'
  | 'messagesDropped'
  | 'securityViolations'
  | 'hookErrors',
  number
>;

export type Answer = 'in' | 429 | 503;

export class Model {
  nowMs = 0;
  isShut = false;
  /** By tab, all messages that it should have received so far. */
  readonly heard = new Map<string, string[]>();
  /** In the order in which they were made. */
  readonly #threads = new Map<string, Thread>();
  readonly #counters: Counters = {
    managersCreated: 0,
    managersRemoved: 0,
    connectionsOpened: 0,
    connectionsClosed: 0,
    limitsReached: 0,
    upgradesRefused: 0,
    messagesQueued: 0,
    messagesReplayed: 0,
    messagesDropped: 0,
    securityViolations: 0,
    hookErrors: 0,
  };

  isConnected({ thread, tab }: TabName): boolean {
    return this.#threads.get(thread)?.tabs.has(tab) ?? false;
  }

  hasThread(thread: string): boolean {
    return this.#threads.has(thread);
  }

  countOf(user: string): number {
    return [...this.#threads.values()].filter((thread) => thread.user === user).length;
  }

  /** What the registry should say of itself. */
  get stats(): Readonly<Record<string, number>> {
    const threads = [...this.#threads.values()];
    return {
      users: new Set(threads.map(({ user }) => user)).size,
      managers: threads.length,
      managersIdle: threads.filter((thread) => thread.tabs.size === 0).length,
      managersClosing: 0,
      connections: threads.reduce((sum, thread) => sum + thread.tabs.size, 0),
      waiting: 0,
      queuedMessages: threads.reduce((sum, { outbox }) => sum + outbox.length, 0),
      ...this.#counters,
    };
  }

  /** The response to the upgrade of a tab. */
  connect(name: TabName): Answer {
    const answer = this.#take(name.user, name.thread);
    if (answer !== 'in') this.#counters.upgradesRefused += 1;
    const thread = this.#threads.get(name.thread);
    if (answer !== 'in' || thread === undefined) return answer;
    thread.tabs.add(name.tab);
    thread.wasConnected = true;
    thread.givenAtMs = Number.NEGATIVE_INFINITY;
    this.#counters.connectionsOpened += 1;
    this.#counters.messagesReplayed += thread.outbox.length;
    this.#hear(name.tab, ...thread.outbox.splice(0));
    return answer;
  }

  /** Its old connection ends when the new one is open. */
  reload(): void {
    this.#counters.connectionsOpened += 1;
    this.#counters.connectionsClosed += 1;
  }

  disconnect({ thread: key, tab }: TabName): void {
    const thread = this.#threads.get(key);
    if (thread?.tabs.delete(tab) !== true) return;
    this.#counters.connectionsClosed += 1;
    if (thread.tabs.size === 0) thread.idleSinceMs = this.nowMs;
  }

  /** Work beside the socket asks for a manager. */
  acquire(user: string, key: string): Answer {
    const answer = this.#take(user, key);
    const thread = this.#threads.get(key);
    if (answer === 'in' && thread?.tabs.size === 0) thread.givenAtMs = this.nowMs;
    return answer;
  }

  send(key: string, text: string): void {
    const thread = this.#threads.get(key);
    if (thread === undefined) return;
    for (const tab of thread.tabs) this.#hear(tab, text);
    if (thread.tabs.size > 0) return;
    if (thread.outbox.length === settings.outboxMaxMessages) {
      thread.outbox.shift();
      this.#counters.messagesDropped += 1;
    }
    thread.outbox.push(text);
    this.#counters.messagesQueued += 1;
  }

  /** Time has passed: managers that were empty for too long are removed. */
  moveTo(nowMs: number): void {
    this.nowMs = nowMs;
    for (const [key, thread] of this.#threads) {
      if (thread.tabs.size === 0 && endOf(thread) <= nowMs) this.#remove(key, thread);
    }
  }

  shutDown(): void {
    this.isShut = true;
    for (const [key, thread] of this.#threads) {
      this.#counters.connectionsClosed += thread.tabs.size;
      this.#remove(key, thread);
    }
  }

  #take(user: string, key: string): Answer {
    if (this.isShut) return 503;
    if (this.#threads.has(key)) return 'in';
    if (this.countOf(user) === settings.maxManagersPerUser && !this.#makeRoom(user)) {
      this.#counters.limitsReached += 1;
      return 429;
    }
    this.#counters.managersCreated += 1;
    const times = { idleSinceMs: this.nowMs, givenAtMs: Number.NEGATIVE_INFINITY };
    this.#threads.set(key, { user, tabs: new Set(), outbox: [], wasConnected: false, ...times });
    return 'in';
  }

  /** Removes the oldest empty manager, unless a caller has just acquired it. */
  #makeRoom(user: string): boolean {
    for (const [key, thread] of this.#threads) {
      const isAwaited = this.nowMs < thread.givenAtMs + settings.birthGraceMs;
      if (thread.user !== user || thread.tabs.size > 0 || isAwaited) continue;
      this.#remove(key, thread);
      return true;
    }
    return false;
  }

  #remove(key: string, thread: Thread): void {
    this.#threads.delete(key);
    this.#counters.managersRemoved += 1;
    this.#counters.messagesDropped += thread.outbox.length;
  }

  #hear(tab: string, ...texts: readonly string[]): void {
    this.heard.set(tab, [...(this.heard.get(tab) ?? []), ...texts]);
  }
}

function endOf({ idleSinceMs, givenAtMs, wasConnected }: Thread): number {
  const { reconnectGraceMs, birthGraceMs } = settings;
  const graceMs = wasConnected ? reconnectGraceMs : Math.max(birthGraceMs, reconnectGraceMs);
  return Math.max(idleSinceMs + graceMs, givenAtMs + birthGraceMs);
}
