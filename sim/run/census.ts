/**
 * A census of what a process and the network still hold, counted by kind. Every check for leaks compares two of them.
 * It only reads.
 */
import type { EventEmitter } from 'node:events';
import type { Host } from '../network/hosts/host.ts';
import type { Connection } from '../network/ports.ts';
import type { World } from './world.ts';

/**
 * `kernel` is a connection that both processes have closed while a kernel still sends; `figure` is counted by the
 * system.
 */
export type CensusKind =
  | 'timer'
  | 'socket'
  | 'endpoint'
  | 'port'
  | 'listener'
  | 'connection'
  | 'kernel'
  | 'figure';

export interface CensusEntry {
  readonly kind: CensusKind;
  /** What is counted, as text that follows a number, e.g. `setTimeout of 1000 ms (flush)`. */
  readonly what: string;
  readonly count: number;
}

/** By kind and text. */
export type Census = ReadonlyMap<string, CensusEntry>;

const nothing: Census = new Map();

/** What the process of a host holds: its timers, sockets, TCP endpoints, ports and listeners. */
export function censusOfProcess(world: World, host: Host): Census {
  const { process: owner } = host;
  const counts = new Counts();
  if (owner !== undefined) {
    for (const { kind, delayMs, callback } of world.pendingTimers(owner)) {
      counts.add('timer', `${kind} of ${delayMs} ms (${callback})`);
    }
    for (const name of eventsOf(owner.processEvents)) counts.add('listener', `process on ${name}`);
  }
  for (const socket of host.sockets) {
    counts.add('socket', 'socket');
    for (const name of eventsOf(socket)) counts.add('listener', `socket on ${name}`);
  }
  for (const { state } of host.endpoints) counts.add('endpoint', `${state} TCP endpoint`);
  for (const port of host.listeners.keys()) counts.add('port', `listening port ${port}`);
  return counts.census();
}

/** TCP connections of the whole run. */
export function censusOfNetwork(world: World): Census {
  const counts = new Counts();
  for (const connection of world.network.connections) {
    if (isHeld(connection)) counts.add('connection', 'TCP connection');
    else counts.add('kernel', 'TCP connection that only a kernel holds');
  }
  return counts.census();
}

/** Figures that the system counts, e.g. its managers. */
export function censusOfFigures(figures: Readonly<Record<string, number>>): Census {
  const counts = new Counts();
  for (const [what, count] of Object.entries(figures)) counts.add('figure', what, count);
  return counts.census();
}

/** @param kinds The kinds that are compared. @default all */
export function joinCensuses(censuses: readonly Census[], kinds?: readonly CensusKind[]): Census {
  const counts = new Counts();
  for (const census of censuses) {
    for (const { kind, what, count } of census.values()) {
      if (kinds === undefined || kinds.includes(kind)) counts.add(kind, what, count);
    }
  }
  return counts.census();
}

/** Everything whose count is higher than in the baseline. */
export function entriesLeft(census: Census, baseline: Census = nothing): readonly CensusEntry[] {
  const left: CensusEntry[] = [];
  for (const [key, entry] of census) {
    const count = entry.count - (baseline.get(key)?.count ?? 0);
    if (count > 0) left.push({ ...entry, count });
  }
  return left;
}

/** The same as text, e.g. `2 managers, 1 setTimeout of 1000 ms (flush)`; `undefined` when nothing is left. */
export function whatIsLeft(census: Census, baseline?: Census): string | undefined {
  const left = entriesLeft(census, baseline);
  if (left.length === 0) return undefined;
  return left.map(({ count, what }) => `${count} ${what}`).join(', ');
}

/**
 * Whether a process still has an end of it. A kernel may still send on a connection that both processes have closed, if
 * it cannot know that the other machine was off. A server process never sees half a handshake. The end of a client that
 * changed its network does not count.
 */
function isHeld({ isSevered, client, server }: Connection): boolean {
  const byClient = client !== undefined && client.state !== 'closed';
  return server?.state === 'open' || (byClient && !isSevered);
}

/** One name for each listener. */
function eventsOf(emitter: EventEmitter): readonly string[] {
  return emitter
    .eventNames()
    .flatMap((name) => Array.from({ length: emitter.listenerCount(name) }, () => String(name)));
}

class Counts {
  readonly #entries = new Map<string, CensusEntry>();

  add(kind: CensusKind, what: string, count = 1): void {
    const key = `${kind} ${what}`;
    const before = this.#entries.get(key)?.count ?? 0;
    if (before + count > 0) this.#entries.set(key, { kind, what, count: before + count });
  }

  census(): Census {
    return this.#entries;
  }
}
