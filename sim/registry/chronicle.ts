/**
 * What the registry of one incarnation of the server said and did, kept for the invariants: its managers, their lines,
 * its cleanups and refusals. Everything is noted as it is said; whether it is right is the invariants' business.
 */
import type {
  CleanupReport,
  CleanupStartedEvent,
  ConnectionClosedEvent,
  ConnectionEvent,
  ConnectionExpelledEvent,
  LimitReachedEvent,
  ManagerCreatedEvent,
  ManagerEvent,
  ManagerRemovedEvent,
  WebSocketConnection,
  WebSocketManager,
  WebSocketManagerRegistry,
} from '../../src/index.ts';
import { Deadlines } from './deadlines.ts';
import { brokenPing, isPingBroken, type Line, lineOf } from './ground-truth.ts';
import { Posts } from './posts.ts';
import { optionOf, type Settings } from './scenario.ts';

/** One manager that the registry made. */
export interface ManagerRecord {
  readonly manager: WebSocketManager;
  readonly userId: string;
  readonly threadId: string;
  readonly isolationKey: string;
  readonly createdAtMs: number;
  /** Managers of the user just before it was made, as the registry counted them. */
  readonly countBefore: number;
  /** No cleanup of the user ran then, and none had just run. */
  readonly cleanupWasDue: boolean;
  readonly lines: Set<Line>;
  /** When somebody last connected to it, or left it without having fallen silent before. */
  lastLivelyMs: number;
  removed: ManagerRemovedEvent | undefined;
}

/** An event about a manager that may name it, or a connection of it. */
export type AboutManager = ManagerEvent & {
  readonly manager?: WebSocketManager;
  readonly connection?: WebSocketConnection;
};

/** Something that the registry said in the event that is happening, for invariants about that very event. */
export type Utterance =
  | { readonly kind: 'created'; readonly record: ManagerRecord }
  | { readonly kind: 'closing'; readonly record: ManagerRecord; readonly reason: string }
  | { readonly kind: 'removed'; readonly record: ManagerRecord; readonly reason: string }
  | { readonly kind: 'opened'; readonly event: ConnectionEvent; readonly line: Line | undefined }
  | {
      readonly kind: 'closed';
      readonly event: ConnectionClosedEvent;
      readonly line: Line | undefined;
    }
  | {
      readonly kind: 'expelled';
      readonly event: ConnectionExpelledEvent;
      readonly line: Line | undefined;
    }
  | { readonly kind: 'spoke-of'; readonly event: AboutManager; readonly name: string }
  | { readonly kind: 'cleanup-started'; readonly event: CleanupStartedEvent }
  | { readonly kind: 'cleanup-finished'; readonly event: CleanupReport }
  | { readonly kind: 'limit'; readonly event: LimitReachedEvent };

export interface CleanupFigures {
  count: number;
  longestMs: number;
  removed: number;
}

/** Reasons with which the registry takes a manager from its user to make room. */
const takesAway: ReadonlySet<string> = new Set(['proactive', 'emergency', 'requested', 'replaced']);

const nobody: ReadonlySet<ManagerRecord> = new Set();

export class Chronicle {
  readonly registry: WebSocketManagerRegistry;
  readonly settings: Settings;
  readonly incarnation: number;
  /** Managers that hold a slot, by the object. */
  readonly live = new Map<WebSocketManager, ManagerRecord>();
  readonly #byUser = new Map<string, Set<ManagerRecord>>();
  readonly touchedUsers = new Set<string>();
  utterances: Utterance[] = [];
  /** Emergency cleanups under way, by user. */
  readonly emergencies = new Deadlines<string>();
  /** Managers without an open line, and when they must be gone. */
  readonly empties = new Deadlines<WebSocketManager>();
  /** Calls of the registry that have not settled. */
  readonly calls = new Deadlines<object>();
  /** Lines whose peer has fallen silent, and when they must have been found. */
  readonly silences = new Deadlines<Line>();
  /** Since when. */
  readonly silentSinceMs = new Map<Line, number>();
  /** Connections that the application has released by their handles. */
  readonly released = new WeakSet<WebSocketConnection>();
  /** Lines that lost their connection id to another, and when they must be closed. */
  readonly replaced = new Deadlines<Line>();
  readonly posts = new Posts();
  /** The next background sweep, which comes as long as there is a manager. */
  readonly sweeps = new Deadlines<WebSocketManagerRegistry>();
  /** The shutdown under way. */
  readonly shutdowns = new Deadlines<object>();
  readonly cleanups: Readonly<Record<'proactive' | 'emergency' | 'requested', CleanupFigures>> = {
    proactive: { count: 0, longestMs: 0, removed: 0 },
    emergency: { count: 0, longestMs: 0, removed: 0 },
    requested: { count: 0, longestMs: 0, removed: 0 },
  };
  /** Until when a user rests from proactive cleanups, since one has just ended. */
  readonly restUntilMs = new Map<string, number>();
  readonly cleaning = new Map<string, number>();
  /** Failures of hooks. None of those here fails, so each is a mistake. */
  readonly hookErrors: string[] = [];
  created = 0;
  evicted = 0;
  limitHits = 0;
  peak = 0;
  /** Most managers that one user held. */
  userPeak = 0;
  /** Fewest managers that a proactive cleanup found when it started. */
  proactiveFrom = Number.POSITIVE_INFINITY;
  /** How often each event was told, to compare with the registry's own counters. */
  readonly told = new Map<string, number>();
  readonly #nowMs: () => number;
  readonly #isWell: (tab: string) => boolean;

  /** @param isWell Whether a tab has been there, reading and reachable, for longer than anything here may take. */
  constructor(
    registry: WebSocketManagerRegistry,
    settings: Settings,
    incarnation: number,
    nowMs: () => number,
    isWell: (tab: string) => boolean,
  ) {
    this.registry = registry;
    this.settings = settings;
    this.incarnation = incarnation;
    this.#nowMs = nowMs;
    this.#isWell = isWell;
    this.#listen();
  }

  get nowMs(): number {
    return this.#nowMs();
  }

  /** Its process is gone: nothing of it is due any more. */
  processDied(): void {
    const { emergencies, empties, calls, shutdowns, silences, replaced, sweeps, posts } = this;
    const { replaysDue } = posts;
    for (const watch of [emergencies, empties, calls, shutdowns, silences, replaced, sweeps]) {
      watch.clear();
    }
    replaysDue.clear();
  }

  /** The event is over: what was said in it is judged. */
  turnPage(): void {
    if (this.utterances.length > 0) this.utterances = [];
    if (this.touchedUsers.size > 0) this.touchedUsers.clear();
  }

  touchEveryone(): void {
    for (const userId of this.#byUser.keys()) this.touchedUsers.add(userId);
  }

  recordsOf(userId: string): ReadonlySet<ManagerRecord> {
    return this.#byUser.get(userId) ?? nobody;
  }

  /** The manager's record, also after its removal in the event that is happening. */
  recordOf(manager: WebSocketManager): ManagerRecord | undefined {
    const live = this.live.get(manager);
    if (live !== undefined) return live;
    for (const utterance of this.utterances) {
      if (utterance.kind === 'removed' && utterance.record.manager === manager)
        return utterance.record;
    }
    return undefined;
  }

  lineOf(connection: WebSocketConnection): Line | undefined {
    const record = this.live.get(connection.manager);
    return [...(record?.lines ?? [])].find((line) => line.connection === connection);
  }

  /** The open lines whose other end is this tab. */
  linesTo(tab: string): Line[] {
    const lines = [...this.live.values()].flatMap((record) => [...record.lines]);
    return lines.filter((line) => line.tab === tab && !line.socket.destroyed);
  }

  /** The peer of this line answers nothing from now on. */
  fellSilent(line: Line): void {
    const intervalMs = optionOf(this.settings, 'heartbeatIntervalMs');
    if (intervalMs === 0 || this.silentSinceMs.has(line)) return;
    this.silentSinceMs.set(line, this.nowMs);
    const boundMs = intervalMs + optionOf(this.settings, 'heartbeatTimeoutMs');
    this.silences.set(
      line,
      // What was on its way still arrives, and a round of visits has its grain.
      this.nowMs + boundMs + 3_000,
      () =>
        `${line.tab} fell silent at ${this.silentSinceMs.get(line)} ms, and its connection is still there`,
      // A peer that cannot be pinged cannot be judged, and one that is being closed has a bound of its own.
      () => line.socket.destroyed || isPingBroken(line) || line.connection.state !== 'open',
    );
  }

  /** Whether a cleanup of this user was started in the event that is happening. */
  saidStarted(userId: string): boolean {
    return this.utterances.some(
      (utterance) => utterance.kind === 'cleanup-started' && utterance.event.userId === userId,
    );
  }

  /** Keeps the deadline of each touched manager that has no open line. */
  noteEmpties(): void {
    for (const record of this.#touchedRecords()) {
      for (const line of record.lines) if (line.socket.destroyed) record.lines.delete(line);
      const { manager } = record;
      if (record.lines.size > 0) this.empties.met(manager);
      else if (!this.empties.has(manager)) this.#expectRemoval(record);
    }
  }

  /** An acquire starts the grace of an empty manager anew. */
  expectLater(manager: WebSocketManager): void {
    const record = this.live.get(manager);
    if (record !== undefined && this.empties.has(manager)) this.#expectRemoval(record);
  }

  *#touchedRecords(): Iterable<ManagerRecord> {
    for (const userId of this.touchedUsers) yield* this.recordsOf(userId);
  }

  #expectRemoval(record: ManagerRecord): void {
    const { settings } = this;
    const graceMs = Math.max(
      optionOf(settings, 'birthGraceMs'),
      optionOf(settings, 'reconnectGraceMs'),
    );
    // A door that reserved it may still authenticate, and its upgrade may die after that.
    const doorMs =
      optionOf(settings, 'authenticationTimeoutMs') + optionOf(settings, 'closeTimeoutMs');
    const emptySinceMs = this.nowMs;
    this.empties.set(
      record.manager,
      emptySinceMs + graceMs + doorMs,
      () =>
        `${record.isolationKey} has had no connection since ${emptySinceMs} ms and is still there`,
    );
  }

  #listen(): void {
    const { registry } = this;
    const tell = (name: string) => this.told.set(name, (this.told.get(name) ?? 0) + 1);
    registry.on('managerCreated', (event) => {
      tell('managerCreated');
      this.#created(event);
    });
    registry.on('managerIdle', (event) => this.#spokeOf('managerIdle', event));
    registry.on('managerClosing', (event) => {
      this.#spokeOf('managerClosing', event);
      const record = this.live.get(event.manager);
      if (record !== undefined) this.#say({ kind: 'closing', record, reason: event.reason });
    });
    registry.on('managerRemoved', (event) => {
      tell('managerRemoved');
      this.#removed(event);
    });
    registry.on('connectionOpened', (event) => {
      tell('connectionOpened');
      this.#opened(event);
    });
    registry.on('connectionClosed', (event) => {
      tell('connectionClosed');
      this.#spokeOf('connectionClosed', event);
      const line = this.lineOf(event.connection);
      this.#say({ kind: 'closed', event, line });
      const record = this.live.get(event.connection.manager);
      const wasSilent = line !== undefined && this.silentSinceMs.has(line);
      if (record !== undefined && !wasSilent) record.lastLivelyMs = this.nowMs;
    });
    registry.on('connectionExpelled', (event) => {
      tell('connectionExpelled');
      this.#spokeOf('connectionExpelled', event);
      this.#say({ kind: 'expelled', event, line: this.lineOf(event.connection) });
    });
    registry.on('messageQueued', (event) => {
      tell('messageQueued');
      const most = optionOf(this.settings, 'outboxMaxMessages');
      if (event.queuedMessages <= most) return;
      this.posts.faults.push(
        `${event.queuedMessages} of ${most} messages wait for ${event.isolationKey}`,
      );
    });
    registry.on('messagesDropped', ({ reason, isolationKey, messages }) => {
      tell('messagesDropped');
      if (reason !== 'slow-reader' && reason !== 'manager-closed')
        this.posts.dropped(isolationKey, messages);
    });
    registry.on('messagesReplayed', () => tell('messagesReplayed'));
    registry.on('sweepFinished', () => {
      tell('sweepFinished');
      if (this.live.size > 0) this.#expectSweep();
    });
    registry.on('cleanupStarted', (event) => this.#cleanupStarted(event));
    registry.on('cleanupFinished', (event) => this.#cleanupFinished(event));
    registry.on('limitReached', (event) => {
      tell('limitReached');
      this.limitHits += 1;
      this.touchedUsers.add(event.userId);
      this.#say({ kind: 'limit', event });
    });
    registry.on('hookError', ({ hook, error }) => {
      tell('hookError');
      if (error !== brokenPing) this.hookErrors.push(`${hook}: ${String(error)}`);
    });
    registry.on('upgradeRefused', () => tell('upgradeRefused'));
  }

  #say(utterance: Utterance): void {
    this.utterances.push(utterance);
  }

  #spokeOf(name: string, event: AboutManager): void {
    this.touchedUsers.add(event.userId);
    this.#say({ kind: 'spoke-of', name, event });
  }

  #created(event: ManagerCreatedEvent): void {
    const { manager, userId, threadId, isolationKey, count } = event;
    const record: ManagerRecord = {
      manager,
      userId,
      threadId,
      isolationKey,
      createdAtMs: this.nowMs,
      countBefore: count - 1,
      cleanupWasDue: this.#cleanupIsDue(userId),
      lines: new Set(),
      lastLivelyMs: Number.NEGATIVE_INFINITY,
      removed: undefined,
    };
    if (this.live.size === 0) this.#expectSweep();
    this.live.set(manager, record);
    const ofUser = this.#byUser.get(userId) ?? new Set();
    this.#byUser.set(userId, ofUser.add(record));
    this.created += 1;
    this.peak = Math.max(this.peak, this.live.size);
    this.userPeak = Math.max(this.userPeak, this.recordsOf(userId).size);
    this.touchedUsers.add(userId);
    this.#say({ kind: 'created', record });
  }

  #cleanupIsDue(userId: string): boolean {
    const running = (this.cleaning.get(userId) ?? 0) > 0;
    return !running && this.nowMs >= (this.restUntilMs.get(userId) ?? 0);
  }

  #removed(event: ManagerRemovedEvent): void {
    const record = this.live.get(event.manager);
    this.touchedUsers.add(event.userId);
    this.empties.met(event.manager);
    if (record === undefined) return;
    this.posts.managerRemoved(record.isolationKey);
    record.removed = event;
    this.live.delete(event.manager);
    if (this.live.size === 0) this.sweeps.met(this.registry);
    const ofUser = this.#byUser.get(record.userId);
    ofUser?.delete(record);
    if (ofUser?.size === 0) this.#byUser.delete(record.userId);
    if (takesAway.has(event.reason)) this.evicted += 1;
    this.#say({ kind: 'removed', record, reason: event.reason });
  }

  #opened(event: ConnectionEvent): void {
    this.#spokeOf('connectionOpened', event);
    const record = this.live.get(event.connection.manager);
    const line = lineOf(event.connection);
    if (record !== undefined && line !== undefined) record.lines.add(line);
    if (record !== undefined) record.lastLivelyMs = this.nowMs;
    this.#say({ kind: 'opened', event, line });
    if (line === undefined || record === undefined) return;
    const { isolationKey } = record;
    this.posts.connected(isolationKey, line.tab, this.nowMs, () => this.#isWell(line.tab));
    for (const earlier of record.lines) {
      const { connection, socket } = earlier;
      if (earlier === line || connection.id !== event.connectionId || socket.destroyed) continue;
      this.#expectEndOf(earlier, event.connectionId);
    }
  }

  /** A connection that lost its id is told so, and its socket goes. */
  #expectEndOf(line: Line, connectionId: string): void {
    const boundMs = optionOf(this.settings, 'closeTimeoutMs') + 2_000;
    this.replaced.set(
      line,
      this.nowMs + boundMs,
      () => `${line.tab} lost its connection id ${connectionId}, and its socket is still open`,
      () => line.socket.destroyed,
    );
  }

  #expectSweep(): void {
    const sinceMs = this.nowMs;
    this.sweeps.set(
      this.registry,
      sinceMs + optionOf(this.settings, 'sweepIntervalMs') + 1_000,
      () => `no background sweep since ${sinceMs} ms, ${this.live.size} managers are there`,
      () => this.shutdowns.size > 0,
    );
  }

  #cleanupStarted(event: CleanupStartedEvent): void {
    const { userId, kind } = event;
    this.touchedUsers.add(userId);
    this.cleaning.set(userId, (this.cleaning.get(userId) ?? 0) + 1);
    this.#say({ kind: 'cleanup-started', event });
    if (kind === 'proactive') this.proactiveFrom = Math.min(this.proactiveFrom, event.count);
    if (kind !== 'emergency') return;
    const boundMs = optionOf(this.settings, 'emergencyDeadlineMs');
    const startedMs = this.nowMs;
    this.emergencies.set(
      userId,
      startedMs + boundMs,
      () => `emergency cleanup of ${userId}, started at ${startedMs} ms, is still under way`,
    );
  }

  #cleanupFinished(event: CleanupReport): void {
    const { userId, kind } = event;
    this.touchedUsers.add(userId);
    this.cleaning.set(userId, (this.cleaning.get(userId) ?? 1) - 1);
    this.restUntilMs.set(userId, this.nowMs + optionOf(this.settings, 'proactiveCooldownMs'));
    if (kind === 'emergency') this.emergencies.met(userId);
    const figures = this.cleanups[kind];
    figures.count += 1;
    figures.longestMs = Math.max(figures.longestMs, event.durationMs);
    figures.removed += event.removed;
    this.#say({ kind: 'cleanup-finished', event });
  }
}
