/** What must hold of any chat server, as its clients, its kernel and its operator see it. Knows neither of the two. */
import { censusOfProcess, joinCensuses, whatIsLeft } from '../../run/census.ts';
import type { Invariant } from '../../run/invariant.ts';
import type { SimulatedApp } from './simulated-app.ts';

/** Within which a client that wants to connect is connected, once nothing keeps it from the server. */
const getInMs = 15_000;
/** For which a server may hold a connection whose client is gone. */
const ghostMs = 60_000;
/** Of all sockets together, what waits in the memory of the server's process. */
const waitingBytesMax = 1_048_576;
/** From SIGTERM to the end of the process: what Kubernetes waits before it kills. */
const goMs = 30_000;

type Oracle = Invariant<SimulatedApp>;

const guarantee = 'of any chat server';

const limitIsKept: Oracle = {
  name: 'no user has more tabs than the limit',
  guarantee,
  description: 'Open clients of a user, as they see it themselves.',
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
  description: 'A client that must stay loses no connection.',
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
  description: `Within ${getInMs} ms after the client wanted to and the last fault was over.`,
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
  name: 'each post is heard once',
  guarantee,
  description: 'By each client that must hear it, within the time that the scenario gives.',
  when: 'always',
  check({ due, nowMs }) {
    for (const { number, client, dueMs } of due) {
      const times = client.heard.filter((heard) => heard === number).length;
      if (times > 1 || (times === 0 && nowMs > dueMs))
        return `${client.host.name} heard post ${number} ${times} times`;
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
    return bytes > waitingBytesMax ? `${bytes} bytes wait` : undefined;
  },
};

const noGhosts: Oracle = {
  name: 'no connection outlives its client',
  guarantee,
  description: `The server's process closes a connection ${ghostMs} ms after the client's end, at the latest.`,
  when: 'always',
  check({ ghosts, isOver, nowMs }) {
    // A connection that is left at the end is found by the last check.
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
    return `it has been here for ${nowMs - toldToGoAtMs} ms since`;
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
