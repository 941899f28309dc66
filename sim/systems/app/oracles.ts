/**
 * What must hold for any chat server, as its clients, its kernel and its operator see it. The oracles use no knowledge
 * of either server.
 */
import { censusOfProcess, joinCensuses, whatIsLeft } from '../../run/census.ts';
import type { Invariant } from '../../run/invariant.ts';
import type { SimulatedApp } from './simulated-app.ts';

/** A client that wants to connect is connected within this time, once no fault is active. */
const getInMs = 15_000;
/** How long a server may hold a connection whose client is gone. */
const ghostMs = 60_000;
/** Bytes that may wait in the memory of the server's process, over all sockets. */
const waitingBytesMax = 1_048_576;
/** Time from SIGTERM to the end of the process: the default grace period of Kubernetes. */
const goMs = 30_000;

type Oracle = Invariant<SimulatedApp>;

const guarantee = 'of any chat server';

const limitIsKept: Oracle = {
  name: 'no user has more tabs than the limit',
  guarantee,
  description: 'Connected clients of a user, from the point of view of the clients.',
  when: 'always',
  check({ clients, settings: { tabsPerUserMax } }) {
    const open = new Map<string, number>();
    for (const { user, isOpen } of clients.values())
      if (isOpen) open.set(user, (open.get(user) ?? 0) + 1);
    for (const [user, tabs] of open)
      if (tabs > tabsPerUserMax) return `${user} has ${tabs} tabs of ${tabsPerUserMax}`;
    return undefined;
  },
};

const responsiveClientStays: Oracle = {
  name: 'a responsive client is never disconnected',
  guarantee,
  description: 'A client whose action says `stay` loses no connection.',
  when: 'always',
  check({ clients }) {
    for (const { host, goal, losses } of clients.values())
      if (goal?.must === 'stay' && losses.length > 0) return `${host.name} was closed: ${losses}`;
    return undefined;
  },
};

const wantingClientIsConnected: Oracle = {
  name: 'a client that wants to connect is connected',
  guarantee,
  description: `Within ${getInMs} ms of its attempt and of the end of the last fault.`,
  when: 'always',
  check({ clients, troubleEndsAtMs, nowMs }) {
    for (const { host, goal, waitsSinceMs } of clients.values()) {
      if (goal?.must === undefined || waitsSinceMs === undefined) continue;
      const waitedMs = nowMs - Math.max(waitsSinceMs, troubleEndsAtMs);
      if (waitedMs > getInMs) return `${host.name} has been waiting for ${waitedMs} ms`;
    }
    return undefined;
  },
};

const postsAreHeard: Oracle = {
  name: 'each post is received exactly once',
  guarantee,
  description: 'By each client that the scenario names, within the time that it gives.',
  when: 'always',
  check({ due, nowMs }) {
    for (const { number, client, dueMs } of due) {
      const times = client.heard.filter((heard) => heard === number).length;
      if (times > 1 || (times === 0 && nowMs > dueMs))
        return `${client.host.name} received post ${number} ${times} times`;
    }
    return undefined;
  },
};

const memoryIsBounded: Oracle = {
  name: 'the buffered bytes are bounded',
  guarantee,
  description: `${waitingBytesMax} bytes in all sockets of the server's process.`,
  when: 'always',
  check({ server }) {
    let bytes = 0;
    for (const { writableLength } of server.sockets) bytes += writableLength;
    return bytes > waitingBytesMax ? `${bytes} bytes are buffered` : undefined;
  },
};

const noGhosts: Oracle = {
  name: 'no connection outlives its client',
  guarantee,
  description: `The server closes a connection at most ${ghostMs} ms after its client is gone.`,
  when: 'always',
  check({ ghosts, isOver, nowMs }) {
    // The last check finds a connection that is left at the end.
    if (isOver) return undefined;
    for (const [{ connection }, sinceMs] of ghosts)
      if (nowMs - sinceMs > ghostMs)
        return `connection ${connection.ordinal} has been held for ${nowMs - sinceMs} ms`;
    return undefined;
  },
};

const processEnds: Oracle = {
  name: 'a process ends after SIGTERM',
  guarantee,
  description: `Within ${goMs} ms of SIGTERM.`,
  when: 'always',
  check({ toldToGoAtMs, nowMs }) {
    if (toldToGoAtMs === undefined || nowMs - toldToGoAtMs <= goMs) return undefined;
    return `it still runs ${nowMs - toldToGoAtMs} ms after SIGTERM`;
  },
};

const nothingIsLeft: Oracle = {
  name: 'nothing is left when all clients have left',
  guarantee,
  description: "No socket in the server's process.",
  when: 'settled',
  check: ({ server, world }) =>
    whatIsLeft(joinCensuses([censusOfProcess(world, server)], ['socket'])),
};

export const oracles: readonly Oracle[] = [
  limitIsKept,
  responsiveClientStays,
  wantingClientIsConnected,
  postsAreHeard,
  memoryIsBounded,
  noGhosts,
  processEnds,
  nothingIsLeft,
];
