/** Mistakes in the probes: which peer counts as dead, and which as alive. */
import { responsiveClientStays } from '../invariants/connections.ts';
import { emergencyEnds, emergencyRemovesTheDead } from '../invariants/emergency.ts';
import {
  cleanupSparesAnsweringPeers,
  newManagerIsSpared,
  proactiveStartsInTime,
} from '../invariants/limits.ts';
import type { Bug } from './bug.ts';

export const zombieTrusted: Bug = {
  name: 'zombie-trusted',
  description:
    'cleanup believes lastActivity: a half-open peer with fresh activity stays, and the user is locked out',
  guarantees: ['G6', 'G9'],
  caughtBy: emergencyRemovesTheDead.name,
  patches: [
    {
      file: 'liveness/probe.ts',
      find: "  return unknown ? 'unknown' : 'dead';",
      replace: `  const freshMs = 60_000;
  if (performance.now() - manager.lastActivityMs < freshMs) return 'alive';
  return unknown ? 'unknown' : 'dead';`,
    },
  ],
};

export const newbornKilled: Bug = {
  name: 'newborn-killed',
  description:
    'a manager without a connection yet counts as dead: a new key removes managers that were just created',
  guarantees: ['G5'],
  caughtBy: newManagerIsSpared.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: `    if (performance.now() < manager.createdAtMs + birthGraceMs) return;
    const standing = manager[kSnapshot]();
    if (standing.sockets === 0) {
      if (!standing.graceOver || standing.awaited) return;`,
      replace: `    const standing = manager[kSnapshot]();
    if (standing.sockets === 0) {
      void birthGraceMs;`,
    },
  ],
};

export const quietTabKilled: Bug = {
  name: 'quiet-tab-killed',
  description:
    'only messages count as signs of life: a cleanup removes tabs that are idle for 10 s but answer pings',
  guarantees: ['G5', 'G6'],
  caughtBy: cleanupSparesAnsweringPeers.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: '    const verdict = await probe(manager, timeoutMs);',
      replace: `    const connections = [...manager.connections.values()];
    const heardAtMs = Math.max(...connections.map(({ lastMessageMs }) => lastMessageMs));
    const isQuiet = performance.now() - heardAtMs > 10_000;
    const verdict = isQuiet ? 'dead' : await probe(manager, timeoutMs);`,
    },
  ],
};

export const serialProbes: Bug = {
  name: 'serial-probes',
  description: 'peers are probed one after another: 20 unresponsive peers take 40 s',
  guarantees: ['G6'],
  caughtBy: emergencyEnds.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: '      await Promise.all(managers.map((manager) => this.#removeAtOnce(manager)));',
      replace: '      for (const manager of managers) await this.#removeAtOnce(manager);',
    },
  ],
};

export const probeErrorIsDeath: Bug = {
  name: 'probe-error-is-death',
  description: 'a probe that throws counts as a dead peer',
  guarantees: ['G5', 'G6'],
  caughtBy: cleanupSparesAnsweringPeers.name,
  patches: [
    {
      file: 'liveness/probe.ts',
      find: "  return unknown ? 'unknown' : 'dead';",
      replace: "  return 'dead';",
    },
  ],
};

export const evictOldestHalf: Bug = {
  name: 'evict-oldest-half',
  description: 'as a last resort the oldest half is removed, live tabs included',
  guarantees: ['G6'],
  caughtBy: cleanupSparesAnsweringPeers.name,
  patches: [
    {
      file: 'admission/cleanup.ts',
      find: `      this.#removed += removeEmpty(this.#userSlots, waiting(), 'emergency');
`,
      replace: `      this.#removed += removeEmpty(this.#userSlots, waiting(), 'emergency');
      if (waiting() > 0) {
        for (const manager of managers.slice(0, Math.ceil(managers.length / 2))) {
          if (manager.state === 'open') this.#closeUnresponsive(manager, this.#emergencyBound());
        }
        await Promise.all(this.#ends);
      }
`,
    },
  ],
};

export const thresholdDrift: Bug = {
  name: 'threshold-drift',
  description: 'proactive cleanup starts at 13 instead of 12',
  guarantees: ['G5'],
  caughtBy: proactiveStartsInTime.name,
  patches: [
    {
      file: 'admission/cleanup-scheduler.ts',
      find: 'userSlots.size < Math.ceil(proactiveThreshold * maxManagersPerUser)',
      replace: 'userSlots.size <= Math.ceil(proactiveThreshold * maxManagersPerUser)',
    },
  ],
};

export const busyDropped: Bug = {
  name: 'busy-dropped',
  description:
    'a connection is closed at a fixed age, even if it is busy (here 30 s, to keep runs short)',
  guarantees: ['G9'],
  caughtBy: responsiveClientStays.name,
  patches: [
    {
      file: 'liveness/inspection.ts',
      find: '} else if (nowMs + roundMs - connection.openedAtMs > maxConnectionAgeMs) {',
      replace:
        '} else if (nowMs + roundMs - connection.openedAtMs > Math.min(maxConnectionAgeMs, 30_000)) {',
    },
  ],
};
