/**
 * Managers acquired and released per second, without sockets, against a bare Map of Maps that sets and deletes the same
 * keys. A user acquires ten managers and releases them, then comes the next user. The bare map makes no promise, counts
 * nothing and reports nothing; the same map behind two promises is measured too, for information.
 */
import { WebSocketManagerRegistry } from '../src/index.ts';
import { type Bench, compare, median, type Pair } from './measure.ts';
import type { Laboratory } from './processes.ts';

const USERS = 1_000;
const MANAGERS_PER_USER = 10;

/** Acquires and releases all managers of all users once. */
type Pass = () => void | Promise<void>;

interface Timing {
  readonly durationMs: number;
}

interface Name {
  readonly userId: string;
  readonly key: string;
}

class MapOfMaps {
  readonly #users = new Map<string, Map<string, Name>>();

  acquire(name: Name): Name {
    let managers = this.#users.get(name.userId);
    if (managers === undefined) {
      managers = new Map();
      this.#users.set(name.userId, managers);
    }
    managers.set(name.key, name);
    return name;
  }

  release({ userId, key }: Name): boolean {
    const managers = this.#users.get(userId);
    if (managers?.delete(key) !== true) return false;
    if (managers.size === 0) this.#users.delete(userId);
    return true;
  }
}

export const roles = {
  bare: () => {
    const users = names();
    const map = new MapOfMaps();
    return timing(() => {
      for (const user of users) {
        for (const name of user) map.acquire(name);
        for (const name of user) if (!map.release(name)) throw new Error('not there');
      }
    });
  },

  promised: () => {
    const users = names();
    const map = new MapOfMaps();
    const acquire = async (name: Name) => map.acquire(name);
    const release = async (name: Name) => map.release(name);
    return timing(async () => {
      for (const user of users) {
        for (const name of user) await acquire(name);
        for (const name of user) if (!(await release(name))) throw new Error('not there');
      }
    });
  },

  registry: () => {
    const registry = new WebSocketManagerRegistry();
    const users = names().map((user) =>
      user.map(({ userId, key }) => registry.contextFor({ userId, websocketClientId: key })),
    );
    return timing(async () => {
      for (const user of users) {
        const managers = [];
        for (const context of user) managers.push(await registry.acquire(context));
        for (const manager of managers) {
          if (!(await registry.release(manager))) throw new Error('not there');
        }
      }
    });
  },
};

function names(): Name[][] {
  return Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: MANAGERS_PER_USER }, (_, manager) => ({
      userId: `user-${user}`,
      key: `user-${user}:thread-${manager}`,
    })),
  );
}

function timing(pass: Pass) {
  return {
    /** Pairs of acquire and release per second: the median of the passes. */
    perSecond: async ({ durationMs }: Timing) => {
      const rates: number[] = [];
      const endMs = performance.now() + durationMs;
      while (performance.now() < endMs) {
        const startedMs = performance.now();
        await pass();
        rates.push((1_000 * USERS * MANAGERS_PER_USER) / (performance.now() - startedMs));
      }
      return median(rates);
    },
  };
}

export const acquire: Bench = {
  name: 'acquire',
  run: async (laboratory) => {
    const { rounds, warmUpMs, durationMs } = laboratory.quick
      ? { rounds: 5, warmUpMs: 1_000, durationMs: 200 }
      : { rounds: 21, warmUpMs: 4_000, durationMs: 300 };
    await using bare = await start(laboratory, 'bare');
    await using promised = await start(laboratory, 'promised');
    await using registry = await start(laboratory, 'registry');
    laboratory.progress(`acquire: ${rounds} rounds`);
    // Until everything is compiled.
    for (const side of [bare, promised, registry]) {
      await side.call('perSecond', { durationMs: warmUpMs });
    }
    const besideBare: Pair[] = [];
    const besidePromised: Pair[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const first = await bare.call('perSecond', { durationMs });
      const ours = await registry.call('perSecond', { durationMs });
      const second = await promised.call('perSecond', { durationMs });
      besideBare.push({ baseline: first, ours });
      besidePromised.push({ baseline: second, ours });
    }
    return [
      compare('acquire and release per second, bare Map of Maps', besideBare, {
        kind: 'at least',
        ratio: 1 / 3,
      }),
      compare('acquire and release per second, the map behind promises', besidePromised),
    ];
  },
};

function start(laboratory: Laboratory, role: keyof typeof roles) {
  return laboratory.start<ReturnType<typeof timing>>('acquire', role);
}
