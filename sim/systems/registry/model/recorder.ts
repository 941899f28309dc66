/**
 * Records what the registry of one server incarnation emitted and did, for the invariants: its managers, their lines,
 * its cleanups and refusals. The recorder judges nothing; the invariants do.
 */
import type {
  CleanupReport,
  CleanupStartedEvent,
  ConnectionClosedEvent,
  ConnectionEvent,
  LimitReachedEvent,
  ManagerCreatedEvent,
  ManagerRemovedEvent,
  WebSocketConnection,
  WebSocketManager,
  WebSocketManagerRegistry,
} from '../../../../src/index.ts';
import { optionOf, outboxMaxAgeMs, type Settings } from '../scenario.ts';
import { CleanupTimes } from './cleanup-times.ts';
import { lineOf } from './ground-truth.ts';
import { ManagerRecords } from './manager-records.ts';
import { OutboxModel } from './outbox-model.ts';
import type { Clock } from './pause-times.ts';
import {
  type AboutManager,
  type ManagerRecord,
  type RecordedEvent,
  recordOfNew,
} from './records.ts';
import { RegistryDeadlines } from './registry-deadlines.ts';
import { Totals } from './totals.ts';

/** Reasons for which the registry removes a manager to make room. */
const takesAway: ReadonlySet<string> = new Set(['proactive', 'emergency', 'requested', 'replaced']);

export class Recorder {
  readonly registry: WebSocketManagerRegistry;
  readonly settings: Settings;
  readonly incarnation: number;
  readonly due: RegistryDeadlines;
  readonly posts: OutboxModel;
  readonly managers = new ManagerRecords();
  /** Managers that hold a slot, by the object. */
  readonly live: ReadonlyMap<WebSocketManager, ManagerRecord> = this.managers.live;
  readonly touchedUsers = this.managers.touchedUsers;
  recordedEvents: RecordedEvent[] = [];
  /** Connections that the application has released by their handles. */
  readonly released = new WeakSet<WebSocketConnection>();
  readonly cleanupTimes: CleanupTimes;
  /** Acquires that were refused at a limit, counted by the callers: upgrades and the server's own work. */
  limitRefusals = 0;
  /** Failures of hooks. The hooks of this server never fail, so each is a violation. */
  readonly hookErrors: string[] = [];
  readonly totals = new Totals();
  /** How often each event was emitted, to compare with the registry's own counters. */
  readonly told = new Map<string, number>();
  readonly clock: Clock;
  readonly #isWell: (tab: string) => boolean;

  /** @param isWell Whether a tab has been connected, reading and reachable for longer than any bound here. */
  constructor(
    registry: WebSocketManagerRegistry,
    settings: Settings,
    incarnation: number,
    clock: Clock,
    isWell: (tab: string) => boolean,
  ) {
    this.registry = registry;
    this.settings = settings;
    this.incarnation = incarnation;
    this.clock = clock;
    this.due = new RegistryDeadlines(settings, clock);
    this.posts = new OutboxModel(clock);
    this.cleanupTimes = new CleanupTimes(optionOf(settings, 'proactiveCooldownMs'));
    this.#isWell = isWell;
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  /** Its process has ended: its deadlines do not apply any more. */
  processDied(): void {
    this.due.clear();
    this.posts.replaysDue.clear();
  }

  /** The event is over, and the invariants have checked what was recorded in it. */
  afterChecks(): void {
    if (this.recordedEvents.length > 0) this.recordedEvents = [];
    if (this.touchedUsers.size > 0) this.touchedUsers.clear();
  }

  // Queries.

  recordsOf(userId: string): ReadonlySet<ManagerRecord> {
    return this.managers.of(userId);
  }

  /** The manager's record, also after its removal in the event that is happening. */
  recordOf(manager: WebSocketManager): ManagerRecord | undefined {
    const live = this.live.get(manager);
    if (live !== undefined) return live;
    for (const recorded of this.recordedEvents) {
      if (recorded.kind === 'removed' && recorded.record.manager === manager)
        return recorded.record;
    }
    return undefined;
  }

  /** Whether a cleanup of this user was started in the event that is happening. */
  saidStarted(userId: string): boolean {
    return this.recordedEvents.some(
      (recorded) => recorded.kind === 'cleanup-started' && recorded.event.userId === userId,
    );
  }

  /** Keeps the deadline of each touched manager that has no open line. */
  noteEmpties(): void {
    for (const record of this.managers.touched()) {
      for (const line of record.lines) if (line.socket.destroyed) record.lines.delete(line);
      const { manager } = record;
      if (record.lines.size > 0) this.due.empties.met(manager);
      else if (!this.due.empties.has(manager)) this.due.removalOf(record);
    }
  }

  /** An acquire starts the grace of an empty manager anew. */
  expectLater(manager: WebSocketManager): void {
    const record = this.live.get(manager);
    if (record === undefined) return;
    record.givenAtMs = this.nowMs;
    if (this.due.empties.has(manager)) this.due.removalOf(record);
  }

  // Events of the registry.

  say(recorded: RecordedEvent): void {
    this.recordedEvents.push(recorded);
  }

  spokeOf(name: string, event: AboutManager): void {
    this.touchedUsers.add(event.userId);
    this.say({ kind: 'spoke-of', name, event });
  }

  managerMade(event: ManagerCreatedEvent): void {
    const { userId } = event;
    const { nowMs } = this;
    const record = recordOfNew(event, nowMs, this.cleanupTimes.isDue(userId, nowMs));
    if (this.live.size === 0) this.expectSweep();
    this.managers.add(record);
    const { totals } = this;
    totals.created += 1;
    totals.peak = Math.max(totals.peak, this.live.size);
    totals.userPeak = Math.max(totals.userPeak, this.recordsOf(userId).size);
    this.touchedUsers.add(userId);
    this.say({ kind: 'created', record });
  }

  managerGone(event: ManagerRemovedEvent): void {
    const record = this.live.get(event.manager);
    this.touchedUsers.add(event.userId);
    this.due.empties.met(event.manager);
    if (record === undefined) return;
    this.posts.managerRemoved(record.isolationKey);
    record.removed = event;
    this.managers.delete(record);
    if (this.live.size === 0) this.due.sweeps.met(this.registry);
    if (takesAway.has(event.reason)) this.totals.evicted += 1;
    this.say({ kind: 'removed', record, reason: event.reason });
  }

  connectionOpened(event: ConnectionEvent): void {
    this.spokeOf('connectionOpened', event);
    const record = this.live.get(event.connection.manager);
    const line = lineOf(event.connection);
    if (record !== undefined && line !== undefined) record.lines.add(line);
    if (record !== undefined) {
      // If it ends in this same event, the grace period starts again.
      this.due.empties.met(record.manager);
      record.lastLivelyMs = this.nowMs;
      record.changedAtMs = this.nowMs;
    }
    this.say({ kind: 'opened', event, line });
    if (line === undefined || record === undefined) return;
    const { isolationKey } = record;
    this.posts.connected(isolationKey, line.tab, this.nowMs, () => this.#isWell(line.tab));
    for (const earlier of record.lines) {
      const { connection, socket } = earlier;
      if (earlier === line || connection.id !== event.connectionId || socket.destroyed) continue;
      this.due.endOf(earlier, event.connectionId);
    }
  }

  connectionClosed(event: ConnectionClosedEvent): void {
    this.spokeOf('connectionClosed', event);
    const line = this.managers.lineOf(event.connection);
    this.say({ kind: 'closed', event, line });
    const record = this.live.get(event.connection.manager);
    if (record === undefined) return;
    record.changedAtMs = this.nowMs;
    const silentSinceMs = line && this.due.silentSinceMs.get(line);
    record.lastLivelyMs = Math.max(record.lastLivelyMs, silentSinceMs ?? this.nowMs);
  }

  expectSweep(): void {
    this.due.sweepOf(this.registry, () => this.live.size);
  }

  messageQueued(isolationKey: string, queuedMessages: number): void {
    this.posts.queued(isolationKey);
    const most = optionOf(this.settings, 'outboxMaxMessages');
    if (queuedMessages <= most) return;
    this.posts.faults.push(`${queuedMessages} of ${most} messages wait for ${isolationKey}`);
  }

  limitReached(event: LimitReachedEvent): void {
    this.totals.limitHits += 1;
    this.touchedUsers.add(event.userId);
    this.say({ kind: 'limit', event, restedMs: this.#sinceEmergencyMs(event.userId) });
  }

  #sinceEmergencyMs(userId: string): number {
    return this.cleanupTimes.sinceEmergencyMs(userId, this.nowMs);
  }

  messagesDropped(isolationKey: string, messages: number, reason: string): void {
    const ageMs = reason === 'outbox-expired' ? outboxMaxAgeMs(this.settings) : 0;
    this.posts.dropped(isolationKey, messages, ageMs);
  }

  cleanupStarted(event: CleanupStartedEvent): void {
    const { userId, kind } = event;
    this.touchedUsers.add(userId);
    const wasDue = this.cleanupTimes.isDue(userId, this.nowMs);
    this.cleanupTimes.started(userId);
    this.say({ kind: 'cleanup-started', event, wasDue, restedMs: this.#sinceEmergencyMs(userId) });
    const { totals } = this;
    if (kind === 'proactive') totals.proactiveFrom = Math.min(totals.proactiveFrom, event.count);
    if (kind === 'emergency') this.due.emergencyOf(userId);
  }

  cleanupFinished(event: CleanupReport): void {
    const { userId, kind } = event;
    this.touchedUsers.add(userId);
    this.cleanupTimes.finished(userId, kind, this.nowMs);
    if (kind === 'emergency') this.due.emergencies.met(userId);
    const figures = this.totals.cleanups[kind];
    figures.count += 1;
    figures.longestMs = Math.max(figures.longestMs, event.durationMs);
    figures.removed += event.removed;
    this.say({ kind: 'cleanup-finished', event });
  }
}
