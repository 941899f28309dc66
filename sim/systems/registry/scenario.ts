/** Scenarios of the registry: the actions of tabs and server, and the settings of the server. Plain JSON. */
import type { Json, Range, Scenario } from '../../scenario/scenario.ts';
import type { AttackName } from './clients/attacks.ts';
import { registryDefaults } from './registry-defaults.ts';

/** A browser tab, or any other client of one connection at a time. It is a host of its own, named after the user. */
interface OfTab {
  readonly atMs: number;
  /** `user.number`. The user is the part before the last dot. */
  readonly tab: string;
  readonly [field: string]: Json;
}

interface OfServer {
  readonly atMs: number;
  /** Name of the server, where there are several. @default 'server' */
  readonly server?: string;
  readonly [field: string]: Json;
}

/** The tab opens a connection, unless it has one. */
export interface Connect extends OfTab {
  readonly kind: 'connect';
  /**
   * The client id that the tab claims. Tabs with the same client id share a thread. With `null` the server generates
   * one.
   */
  readonly clientId: string | null;
  /** A thread that the tab claims. */
  readonly threadId: string | null;
  /** The id of the connection within its thread; one in use replaces the earlier connection. `null` for a fresh one. */
  readonly connectionId: string | null;
  /** Whether it reconnects, with backoff, until its action `close`. */
  readonly retry: boolean;
  /** Whether it waits for the time in the server's close frame, instead of its own backoff. @default false */
  readonly heeds?: boolean;
}

/** The tab sends one message of `characters` characters. The server forwards it to the whole thread. */
export interface Say extends OfTab {
  readonly kind: 'say';
  readonly characters: number;
}

/** The tab closes with a close frame. */
export interface Close extends OfTab {
  readonly kind: 'close';
}

/** The tab's connection ends with a RST, whatever state it is in: also during the upgrade. */
export interface Drop extends OfTab {
  readonly kind: 'drop';
}

/** The tab stops reading: it answers no ping and no close frame, while its TCP is alive. */
export interface Deafen extends OfTab {
  readonly kind: 'deafen';
}

/** The tab changes its network: it abandons its connection without a frame that arrives, and connects again. */
export interface Move extends OfTab {
  readonly kind: 'move';
}

/**
 * The tab closes its connection, if it has one, and opens another at once, without waiting for the end of the first.
 */
export interface Reload extends OfTab {
  readonly kind: 'reload';
}

/** The server acquires the manager of a client id that no tab uses, as a background job would. */
export interface Acquire extends OfServer {
  readonly kind: 'acquire';
  readonly user: string;
  readonly clientId: string;
}

/** The server posts a numbered message to the thread of a tab, whether or not the tab is connected. */
export interface Post extends OfTab {
  readonly kind: 'post';
}

/** The server streams to the thread of a tab: so many messages of so many characters, all at once. */
export interface Flood extends OfTab {
  readonly kind: 'flood';
  readonly messages: number;
  readonly characters: number;
}

/** The server releases the connection of a tab by its handle. */
export interface Release extends OfTab {
  readonly kind: 'release';
}

/** Code in the server uses the context of one tab on the manager of another tab's thread. */
export interface Trespass extends OfTab {
  readonly kind: 'trespass';
  /** The tab whose context is used. */
  readonly by: string;
}

/** Code in the server wraps the tab's socket, so that every later `ping` on it throws. */
export interface BreakPing extends OfTab {
  readonly kind: 'break-ping';
}

/** The server calls `cleanup` for one user. */
export interface Cleanup extends OfServer {
  readonly kind: 'cleanup';
  readonly user: string;
}

/** The server sends something to every manager that it has. */
export interface Announce extends OfServer {
  readonly kind: 'announce';
}

/** SIGTERM: the server drains, and its process ends when that has settled. It restarts after `downMs`. */
export interface Terminate extends OfServer {
  readonly kind: 'terminate';
  readonly drainMs: number;
  readonly downMs: number;
}

/** A client of this user attacks the server over raw TCP. It is a host of its own, named like a tab. */
export interface Attack {
  readonly kind: 'attack';
  readonly atMs: number;
  readonly attacker: string;
  readonly how: AttackName;
  readonly [field: string]: Json;
}

/** The figures that an expectation can be about. */
export type Figure =
  /** Managers of the user that hold a slot, or of all users. */
  | 'managers'
  /** Tabs of the user, or of all users, whose connection is open as they see it. */
  | 'open-tabs'
  /** Managers that were made since the start, over all incarnations of the server. */
  | 'created'
  /** Upgrades that were refused with 429 and a `Retry-After`, as their clients saw it. */
  | 'refused'
  /** Managers that a cleanup or an eviction took from a client. */
  | 'evicted'
  /** Emergency cleanups that have ended. */
  | 'emergencies'
  /** Connections that the registry holds for the user, or for all users. */
  | 'connections'
  /** Messages of floods that the tab which `user` names has heard. */
  | 'flood-heard'
  /** Upgrades of the user, or of all users, that were refused with 403. */
  | 'forbidden'
  /** Attacks whose connection has not ended, as the attackers see it. */
  | 'attacks-open'
  /** Most connections that the server which `user` names took in within one second. */
  | 'arrivals-peak'
  /** 1 when the connection of the tab that `user` names is open as it sees it, else 0. */
  | 'tab-open'
  /** Different thread ids that the user's clients and the server's own work were given. */
  | 'threads';

/** The scenario states what must hold at this moment. */
export interface Expect extends OfServer {
  readonly kind: 'expect';
  readonly figure: Figure;
  readonly user: string | null;
  readonly least: number;
  readonly most: number;
}

export type RegistryAction =
  | Connect
  | Say
  | Close
  | Drop
  | Deafen
  | Move
  | Reload
  | Post
  | Flood
  | Release
  | Trespass
  | BreakPing
  | Acquire
  | Cleanup
  | Announce
  | Terminate
  | Attack
  | Expect;

/** How the server under test is set up. Absent registry options are the registry's defaults. */
export interface Settings {
  readonly [field: string]: Json;
  readonly registry: { readonly [option: string]: Json };
  /** How long authentication takes. 0 to 0 answers at once. */
  readonly authenticationMs: Range & { readonly [field: string]: Json };
  /** Whether a thread `room:name` may be claimed by the user of that name only. @default false */
  readonly guardsRooms?: boolean;
  /**
   * How many servers there are: `server`, `server-2` and so on. A tab that reconnects tries the next one. @default 1
   */
  readonly servers?: number;
  /** The seeded bug to run with, or `null` for the code as it ships. */
  readonly bug: string | null;
}

export type RegistryScenario = Scenario<RegistryAction, Settings>;

/** The names of all servers: `server`, `server-2` and so on. */
export function serverNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? 'server' : `server-${index + 1}`,
  );
}

export function userOf(tab: string): string {
  return tab.slice(0, tab.lastIndexOf('.'));
}

/** The option's value in this scenario: what it sets, or the registry's default that `guarantees` name. */
export function optionOf(settings: Settings, name: keyof typeof registryDefaults): number {
  const value = settings.registry[name];
  return typeof value === 'number' ? value : registryDefaults[name];
}

/**
 * From how many managers of a user on a proactive cleanup starts. Computed with integers, since 0.6 has no exact binary
 * form.
 */
export function thresholdOf(settings: Settings): number {
  const limit = optionOf(settings, 'maxManagersPerUser');
  const percent = Math.round(100 * optionOf(settings, 'proactiveThreshold'));
  return Math.ceil((percent * limit) / 100);
}

/** Unless it is set, a manager with waiting messages is kept for the longer grace. */
export function outboxMaxAgeMs(settings: Settings): number {
  const { outboxMaxAgeMs: value } = settings.registry;
  if (typeof value === 'number') return value;
  return Math.max(optionOf(settings, 'birthGraceMs'), optionOf(settings, 'reconnectGraceMs'));
}
