/** G7, G12, G13, G14, G16: everything ends in time and leaves nothing behind. */
import {
  censusOfFigures,
  censusOfNetwork,
  censusOfProcess,
  joinCensuses,
  whatIsLeft,
} from '../../../run/census.ts';
import type { Invariant } from '../../../run/invariant.ts';
import type { View } from '../view.ts';

export const socketsGoWithTheirManager: Invariant<View> = {
  name: 'no socket outlives its manager',
  guarantee: 'G13',
  description: 'When a manager returns its slot, every socket that it ever had is destroyed.',
  when: 'always',
  check({ recorder }) {
    for (const recorded of recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'removed') continue;
      const { record } = recorded;
      const open = [...record.lines].filter(({ socket }) => !socket.destroyed);
      if (open.length === 0) continue;
      return `${record.isolationKey} is gone, the socket of ${open[0]?.tab} is not (${open.length} in all)`;
    }
    return undefined;
  },
};

export const emptyManagerGoes: Invariant<View> = {
  name: 'an empty manager is removed after its grace period',
  guarantee: 'G7',
  description: 'A manager whose last socket is destroyed is removed after its grace period.',
  when: 'always',
  check: ({ recorder }) => recorder?.due.empties.missed(recorder.nowMs),
};

export const callsSettle: Invariant<View> = {
  name: 'every call settles in time',
  guarantee: 'G16',
  description: 'acquire and cleanup settle within their stated bounds.',
  when: 'always',
  check: ({ recorder }) => recorder?.due.calls.missed(recorder.nowMs),
};

export const shutdownSettles: Invariant<View> = {
  name: 'a shutdown settles within its drain time',
  guarantee: 'G12',
  description:
    'For any behaviour of the peers, shutdown({ drainMs }) settles within drainMs and leaves nothing.',
  when: 'always',
  check: ({ recorder }) => recorder?.due.shutdowns.missed(recorder.nowMs),
};

/** Milliseconds that a shutdown reserves at its end for sockets that it terminates, plus a margin. */
const DRAIN_END_MS = 1_100;

export const drainIsGiven: Invariant<View> = {
  name: 'no connection is terminated before the drain is over',
  guarantee: 'G12',
  description:
    'A shutdown terminates a connection whose peer is slow to close at the drain deadline, and not earlier.',
  when: 'always',
  check({ recorder }) {
    for (const recorded of recorder?.recordedEvents ?? []) {
      if (recorded.kind !== 'closed') continue;
      const { connection, cause } = recorded.event;
      if (cause !== 'manager' || !connection.terminated) continue;
      // The application may have asked for a shorter close timeout.
      if (recorder?.released.has(connection)) continue;
      if (recorder?.recordOf(connection.manager)?.closesFor !== 'shutdown') continue;
      const leftMs = (recorder.due.shutdowns.dueMs(recorder.registry) ?? 0) - recorder.nowMs;
      if (leftMs <= DRAIN_END_MS) continue;
      return `${recorded.line?.tab} was terminated ${leftMs} ms before the end of the drain`;
    }
    return undefined;
  },
};

export const auditFindsNothing: Invariant<View> = {
  name: 'the audit finds nothing',
  guarantee: 'G4',
  description:
    'registry.audit(), as production can call it: every 256 events (every 8 per manager when there are more than 32), and at the end.',
  when: 'always',
  check({ recorder, isAuditEvent }) {
    if (!isAuditEvent) return undefined;
    const finding = recorder?.registry.audit()[0];
    if (finding === undefined) return undefined;
    return `${finding.guarantee}, ${finding.check}: ${finding.detail}`;
  },
};

export const countersAreTrue: Invariant<View> = {
  name: 'counters always equal the emitted events',
  guarantee: 'G14',
  description: 'stats() equals the events that listeners received, at each audit.',
  when: 'always',
  check({ recorder, isAuditEvent }) {
    if (recorder === undefined || !isAuditEvent) return undefined;
    const stats = recorder.registry.stats();
    const told = (name: string) => recorder.told.get(name) ?? 0;
    const pairs = [
      ['managersCreated', stats.managersCreated, told('managerCreated')],
      ['managersRemoved', stats.managersRemoved, told('managerRemoved')],
      ['connectionsOpened', stats.connectionsOpened, told('connectionOpened')],
      ['connectionsClosed', stats.connectionsClosed, told('connectionClosed')],
      ['limitsReached', stats.limitsReached, told('limitReached')],
      ['upgradesRefused', stats.upgradesRefused, told('upgradeRefused')],
      ['managers', stats.managers, recorder.live.size],
    ] as const;
    const wrong = pairs.find(([, counted, heard]) => counted !== heard);
    return wrong === undefined
      ? undefined
      : `${wrong[0]}: stats() has ${wrong[1]}, the events ${wrong[2]}`;
  },
};

export const hooksAreWell: Invariant<View> = {
  name: 'no hook fails',
  guarantee: 'G16',
  description: 'The hooks of this server never throw, so the registry must report no failed hook.',
  when: 'always',
  check: ({ recorder }) => recorder?.hookErrors[0],
};

export const nothingIsLeft: Invariant<View> = {
  name: 'nothing is left when the last client has disconnected',
  guarantee: 'G13',
  description:
    'Zero managers, connections, waiting acquires, timers and TCP connections, without a shutdown.',
  when: 'settled',
  check({ recorder, server, world }) {
    if (recorder === undefined) return `${server.host.name} does not run`;
    const { managers, connections, waiting } = recorder.registry.stats();
    const figures = {
      managers,
      connections,
      'waiting acquires': waiting,
      'pending calls': recorder.due.calls.size,
    };
    const censuses = [
      censusOfFigures(figures),
      censusOfProcess(world, server.host),
      censusOfNetwork(world),
    ];
    return whatIsLeft(joinCensuses(censuses, ['figure', 'timer', 'connection']));
  },
};

export const sweepGoesOn: Invariant<View> = {
  name: 'the background sweep never stops',
  guarantee: 'G8',
  description:
    'While there is a manager, a sweep runs every sweepIntervalMs, also after one that failed.',
  when: 'always',
  check: ({ recorder }) => recorder?.due.sweeps.missed(recorder.nowMs),
};
