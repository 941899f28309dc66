/**
 * The fingerprint of a state of the small world: everything visible from outside that can affect what happens next.
 * That is tabs, sockets, segments in transit, managers, cooldowns, and the remaining time of timers. Equivalent tabs
 * and users are sorted, so that states that differ only by names have one fingerprint.
 */
import { createHash } from 'node:crypto';
import type { QueuedEvent } from '../../../engine/event-queue.ts';
import type { Endpoint } from '../../../network/ports.ts';
import type { Path } from '../../../run/small-universe.ts';
import type { World } from '../../../run/world.ts';
import type { ChatClient } from '../clients/chat-client.ts';
import { derivedThreadId } from '../model/identity.ts';
import type { Recorder } from '../model/recorder.ts';
import type { ManagerRecord } from '../model/records.ts';
import type { SimulatedRegistry } from '../simulated-registry.ts';
import {
  alphabet,
  options,
  type TabKind,
  tabsOfEach,
  tickMs,
  users,
  workClientId,
} from './universe.ts';

/** Times beyond this count as one: no path within the searchable depths waits so long. */
const horizonMs = 10 * tickMs;

/** Ages beyond every grace period and interval count as one. */
const oldMs = 1 + Math.max(...Object.values(options));

export interface State {
  readonly hash: string;
  readonly choices: Path;
}

/** @param emergencyEndedMs When the last emergency cleanup of each user ended. */
export function stateOf(
  system: SimulatedRegistry,
  emergencyEndedMs: ReadonlyMap<string, number>,
): State {
  const { world } = system;
  const [server] = system.servers;
  const recorder = server?.host.process?.alive === true ? server.recorder : undefined;
  const eventsByLink = groupEvents(world);
  const looks = users.map((user) => {
    const tabs = tabsOfEach.map((number) =>
      lookOfTab(system, recorder, eventsByLink, `${user}.${number}`),
    );
    const endedMs = emergencyEndedMs.get(user) ?? Number.NEGATIVE_INFINITY;
    const ofUser = lookOfUser(recorder, user, endedMs, world.nowMs);
    return { tabs, whole: JSON.stringify([ofUser, [...tabs].sort()]) };
  });
  const timers = world
    .pendingTimers()
    .map(({ kind, dueMs, owner, callback }) => {
      const host = owner?.host.name === 'server' ? 'server' : 'tab';
      return `${host} ${kind} ${callback} ${duration(dueMs - world.nowMs)}`;
    })
    .sort();
  const text = JSON.stringify([
    recorder?.registry.stats().waiting ?? 'down',
    timers,
    [...(eventsByLink.get(undefined) ?? [])].sort(),
    looks.map(({ whole }) => whole).sort(),
  ]);
  return {
    hash: createHash('sha256').update(text).digest('base64').slice(0, 22),
    choices: choicesIn(system, looks),
  };
}

/** Letters that have an effect. Of equivalent tabs of one user, and of equivalent users, only the first is offered. */
function choicesIn(
  { tabs }: SimulatedRegistry,
  looks: readonly { readonly tabs: readonly string[]; readonly whole: string }[],
): Path {
  const offered = new Set<string>();
  looks.forEach(({ whole, tabs: tabLooks }, userIndex) => {
    if (looks.findIndex((other) => other.whole === whole) < userIndex) return;
    const user = users[userIndex];
    if (user === undefined) return;
    offered.add(user);
    tabLooks.forEach((look, tabIndex) => {
      if (tabLooks.indexOf(look) === tabIndex) offered.add(`${user}.${tabsOfEach[tabIndex]}`);
    });
  });
  return alphabet.flatMap((letter, index) => {
    if ('user' in letter) return offered.has(letter.user) ? [index] : [];
    if (!('tab' in letter)) return [index];
    if (!offered.has(letter.tab)) return [];
    return canDo(tabs.get(letter.tab), letter.kind) ? [index] : [];
  });
}

function canDo(tab: ChatClient | undefined, kind: TabKind): boolean {
  const phase = tab?.phase ?? 'none';
  switch (kind) {
    case 'connect':
      return phase === 'none';
    case 'close':
      return phase === 'open';
    case 'drop':
      return phase !== 'none';
    case 'deafen':
      return phase === 'open' && tab?.deaf === false;
  }
}

function lookOfUser(
  recorder: Recorder | undefined,
  user: string,
  emergencyEndedMs: number,
  nowMs: number,
) {
  return [
    lookOfManager(recorder, user, workClientId, nowMs),
    recorder?.cleanupTimes.running(user) ?? 0,
    Math.max(0, (recorder?.cleanupTimes.restUntilMs(user) ?? 0) - nowMs),
    recorder?.due.emergencies.has(user) === true,
    Math.max(0, emergencyEndedMs + options.emergencyCooldownMs - nowMs),
  ];
}

function lookOfTab(
  { tabs, world }: SimulatedRegistry,
  recorder: Recorder | undefined,
  eventsByLink: ReadonlyMap<number | undefined, readonly string[]>,
  name: string,
): string {
  const tab = tabs.get(name);
  const links = [...world.network.connections].filter(({ client }) => client?.host.name === name);
  return JSON.stringify([
    tab?.phase ?? 'none',
    tab?.deaf === true,
    links.map(({ ordinal, client, server }) => [
      lookOfEndpoint(client),
      lookOfEndpoint(server),
      [...(eventsByLink.get(ordinal) ?? [])].sort(),
    ]),
    lookOfManager(recorder, name.slice(0, name.indexOf('.')), `client-of-${name}`, world.nowMs),
  ]);
}

function lookOfEndpoint(endpoint: Endpoint | undefined) {
  if (endpoint === undefined) return 'none';
  const { state, vanished, unreadBytes, sender, socket, owner } = endpoint;
  return [
    state,
    vanished,
    unreadBytes,
    sender.blockedBytes,
    sender.isDone,
    owner.alive,
    socket?.readyState ?? 'gone',
    socket?.writableLength ?? 0,
    socket?.readableLength ?? 0,
  ];
}

function lookOfManager(
  recorder: Recorder | undefined,
  user: string,
  clientId: string,
  nowMs: number,
) {
  const threadId = derivedThreadId(user, clientId);
  const ofUser = [...(recorder?.recordsOf(user) ?? [])];
  const rank = ofUser.findIndex((record) => record.threadId === threadId);
  const record = ofUser[rank];
  if (record === undefined) return 'none';
  return [rank, record.manager.state, ages(record, nowMs), lookOfConnections(record, nowMs)];
}

function ages({ manager, changedAtMs }: ManagerRecord, nowMs: number): number[] {
  return [manager.createdAtMs, manager.lastActivityMs, changedAtMs].map((atMs) => age(atMs, nowMs));
}

function lookOfConnections({ manager }: ManagerRecord, nowMs: number) {
  return [...manager.connections.values()].map(({ state, socket, openedAtMs, lastSeenMs }) => [
    state,
    socket.readyState,
    socket.bufferedAmount,
    age(openedAtMs, nowMs),
    age(lastSeenMs, nowMs),
  ]);
}

/**
 * Not part of a state: planned actions belong to the path, and no request here lasts long enough to time out.
 */
const otherKinds: ReadonlySet<string> = new Set(['action', 'fault', 'phase', 'http-timeouts']);

/**
 * Segments in transit, by the ordinal of their connection. Those without an open connection have no key.
 */
function groupEvents(world: World): Map<number | undefined, string[]> {
  const links = new Set([...world.network.connections].map(({ ordinal }) => ordinal));
  const groups = new Map<number | undefined, string[]>();
  for (const event of world.pendingEvents) {
    if (otherKinds.has(event.kind)) continue;
    const link = links.has(event.id) ? event.id : undefined;
    const group = groups.get(link) ?? [];
    group.push(lookOfEvent(event, world.nowMs));
    groups.set(link, group);
  }
  return groups;
}

/** The drawn order of simultaneous events is left out: almost none are simultaneous here. */
function lookOfEvent({ kind, atMs, owner, payload }: QueuedEvent, nowMs: number): string {
  const to = owner?.host.name === 'server' ? 'server' : 'tab';
  const bytes = typeof payload === 'function' ? payload().length : (payload?.length ?? 0);
  return `${kind} ${to} ${owner?.alive === true} ${duration(atMs - nowMs)} ${bytes}`;
}

function duration(ms: number): number | 'later' {
  return ms > horizonMs ? 'later' : ms;
}

function age(atMs: number, nowMs: number): number {
  return Math.min(oldMs, nowMs - atMs);
}
