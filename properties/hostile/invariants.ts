/** What must hold on a server under attack when all clients have left. */
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import {
  censusOfFigures,
  censusOfNetwork,
  censusOfProcess,
  joinCensuses,
  whatIsLeft,
} from '../../sim/run/census.ts';
import type { Invariant } from '../../sim/run/invariant.ts';
import type { World } from '../../sim/run/world.ts';
import type { WebSocketManagerRegistry } from '../../src/index.ts';
import type { OtherUser } from './other-user.ts';

/** A server under attack, as the invariants see it. */
export interface AttackedServer {
  readonly world: World;
  readonly registry: WebSocketManagerRegistry;
  readonly webSocketServer: WebSocketServer;
  /** How often the registry emitted each event. */
  readonly told: ReadonlyMap<string, number>;
  /** Every connection that the server accepted. */
  readonly sockets: readonly Duplex[];
  readonly webSockets: readonly WebSocket[];
  readonly other: OtherUser;
}

const nothingIsLeft: Invariant<AttackedServer> = {
  name: 'nothing is left when the last client has disconnected',
  guarantee: 'G13',
  description: 'No manager, connection, waiting acquire, timer, TCP connection or WebSocket.',
  when: 'settled',
  check({ registry, world, webSocketServer }) {
    const { managers, users, connections, waiting, queuedMessages } = registry.stats();
    const figures = {
      managers,
      users,
      connections,
      waiting,
      queuedMessages,
      'managers by size': registry.size,
      webSockets: webSocketServer.clients.size,
    };
    const censuses = [
      censusOfFigures(figures),
      censusOfProcess(world, world.host('server')),
      censusOfNetwork(world),
    ];
    const kinds = ['figure', 'timer', 'socket', 'connection', 'kernel'] as const;
    return whatIsLeft(joinCensuses(censuses, kinds));
  },
};

const auditFindsNothing: Invariant<AttackedServer> = {
  name: 'the audit finds nothing',
  guarantee: 'G4',
  description: 'registry.audit(), as production can call it.',
  when: 'settled',
  check({ registry }) {
    const [finding] = registry.audit();
    return finding === undefined ? undefined : `${finding.check}: ${finding.detail}`;
  },
};

/** Which counter says how often an event was told. */
const counters = {
  managerCreated: 'managersCreated',
  managerRemoved: 'managersRemoved',
  connectionOpened: 'connectionsOpened',
  connectionClosed: 'connectionsClosed',
  connectionExpelled: 'connectionsExpelled',
  connectionRefused: 'connectionsRefused',
  clientIntroduced: 'connectionsOpened',
  limitReached: 'limitsReached',
  upgradeRefused: 'upgradesRefused',
  securityViolation: 'securityViolations',
  hookError: 'hookErrors',
  sweepFinished: 'sweeps',
} as const;

export const countedEvents = Object.keys(counters) as readonly (keyof typeof counters)[];

const countersAreTrue: Invariant<AttackedServer> = {
  name: 'counters always equal the emitted events',
  guarantee: 'G14',
  description: 'stats() equals the emitted events.',
  when: 'settled',
  check({ registry, told }) {
    const stats = registry.stats();
    const of = (name: keyof typeof counters) => [told.get(name) ?? 0, stats[counters[name]]];
    const wrong = countedEvents.find((name) => new Set(of(name)).size > 1);
    return wrong && `${wrong} was told and counted ${of(wrong).join(' and ')} times`;
  },
};

/** Functions of `src/` that listen to sockets, by their names. */
const ours = new Set([
  ...['destroyOnError', 'unguardStream', 'ignoreError', 'onClose', '#onClose', 'listening'],
  ...['onError', 'onMessage', 'onFrame', 'onFinish'],
]);

const noListenerIsLeft: Invariant<AttackedServer> = {
  name: 'no listener is left on a socket',
  guarantee: 'G13',
  description: 'Of the registry and `attach`, on any TCP socket or WebSocket that ever came.',
  when: 'settled',
  check({ sockets, webSockets }) {
    for (const socket of [...sockets, ...webSockets]) {
      for (const name of socket.eventNames()) {
        const left = (socket as Duplex).listeners(name).find((listener) => ours.has(listener.name));
        if (left !== undefined) return `${left.name} listens for ${String(name)}`;
      }
    }
    return undefined;
  },
};

const othersNoticeNothing: Invariant<AttackedServer> = {
  name: 'no other user is affected',
  guarantee: 'G10',
  description: 'A user that stayed connected got an echo of each message, and nothing else.',
  when: 'settled',
  check({ other: { said, heard, disturbances } }) {
    if (said >= 30 && said === heard && disturbances.length === 0) return undefined;
    return `said ${said}, heard ${heard}, ${disturbances.join(', ')}`;
  },
};

export const invariants: readonly Invariant<AttackedServer>[] = [
  othersNoticeNothing,
  nothingIsLeft,
  auditFindsNothing,
  countersAreTrue,
  noListenerIsLeft,
];
