/**
 * The background sweep against a scan of a Map of Maps over the same managers: when nothing expires, and when 1 % does.
 * The clock of the process is put forward instead of waiting for graces to end, and no timer gets a turn meanwhile.
 */
import { type WebSocketManager, WebSocketManagerRegistry } from '../src/index.ts';
import { type Bench, compare, median, type Pair } from './measure.ts';

const MANAGERS_PER_USER = 10;
const GRACE_MS = 3_600_000;
/** Each is 1 % of the managers, and made this much before the next. */
const COHORTS = 3;
const COHORT_APART_MS = 600_000;

/** Bytes of one manager with its context and its places in both structures; measured, and rounded up. */
const MANAGER_BYTES = 2_500;

type Users = Map<string, Map<string, WebSocketManager>>;

/** What a registry without an order would do. Takes out what is over and says how many those were. */
function scan(users: Users, nowMs: number): number {
  let expired = 0;
  for (const [userId, managers] of users) {
    for (const [key, manager] of managers) {
      if (manager.state !== 'open' || nowMs - manager.lastActivityMs < GRACE_MS) continue;
      managers.delete(key);
      expired += 1;
    }
    if (managers.size === 0) users.delete(userId);
  }
  return expired;
}

type SweepCalls = ReturnType<(typeof roles)['managers']>;

export const roles = {
  managers: () => {
    const clock = new Clock();
    const registry = new WebSocketManagerRegistry({
      reconnectGraceMs: GRACE_MS,
      birthGraceMs: GRACE_MS,
      sweepIntervalMs: GRACE_MS,
    });
    const users: Users = new Map();
    let made = 0;

    const make = async (count: number): Promise<void> => {
      for (const until = made + count; made < until; made += 1) {
        const userId = `user-${Math.floor(made / MANAGERS_PER_USER)}`;
        const threadId = `thread-${made}`;
        const websocketClientId = `tab-${made}`;
        const manager = await registry.acquire(
          registry.contextFor({ userId, threadId, websocketClientId }),
        );
        const managers = users.get(userId) ?? new Map<string, WebSocketManager>();
        users.set(userId, managers);
        managers.set(manager.isolationKey, manager);
      }
    };

    const timeMs = (expected: number, run: () => number): number => {
      const startedMs = performance.now();
      const expired = run();
      const tookMs = performance.now() - startedMs;
      if (expired !== expected) throw new Error(`${expected} should expire, ${expired} did`);
      return tookMs;
    };

    return {
      fill: async ({ count }: { readonly count: number }) => {
        for (let cohort = 0; cohort < COHORTS; cohort += 1) {
          await make(count / 100);
          clock.advance(COHORT_APART_MS);
        }
        await make(count - made);
        return { size: registry.size, rss: process.memoryUsage.rss() };
      },
      idle: (): Pair => ({
        baseline: median(
          Array.from({ length: 21 }, () => timeMs(0, () => scan(users, performance.now()))),
        ),
        ours: median(
          Array.from({ length: 2_001 }, () => timeMs(0, () => registry.sweep().managers)),
        ),
      }),
      /** The next cohort. Only once for each. */
      expire: ({ count }: { readonly count: number }): Pair => {
        // Half way to the next cohort, but the last ones are apart from the rest too.
        if (registry.size === count) clock.advance(GRACE_MS - (COHORTS - 0.5) * COHORT_APART_MS);
        else clock.advance(COHORT_APART_MS);
        const expected = count / 100;
        return {
          baseline: timeMs(expected, () => scan(users, performance.now())),
          ours: timeMs(expected, () => registry.sweep().managers),
        };
      },
    };
  },
};

/** `performance.now()`, put forward. */
class Clock {
  #aheadMs = 0;

  constructor() {
    const now = performance.now.bind(performance);
    performance.now = () => now() + this.#aheadMs;
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

export const sweep: Bench = {
  name: 'sweep',
  run: async (laboratory) => {
    const wanted = laboratory.quick ? 100_000 : 1_000_000;
    const bytes = process.availableMemory() / 2;
    const fits = Math.floor(bytes / MANAGER_BYTES / 1_000) * 1_000;
    const count = Math.min(wanted, fits);
    if (count < wanted) laboratory.note(`sweep: ${wanted} managers do not fit into memory`);
    const idle: Pair[] = [];
    const expiring: Pair[] = [];
    const rounds = laboratory.quick ? 1 : 2;
    for (let round = 1; round <= rounds; round += 1) {
      laboratory.progress(`sweep: round ${round} of ${rounds}`);
      const heapMb = Math.round((2 * count * MANAGER_BYTES) / 2 ** 20 + 500);
      const flags = [`--max-old-space-size=${heapMb}`];
      await using managers = await laboratory.start<SweepCalls>('sweep', 'managers', flags);
      const { size, rss } = await managers.call('fill', { count });
      laboratory.note(
        `sweep: ${size} managers of ${size / MANAGERS_PER_USER} users, ${(rss / 2 ** 30).toFixed(1)} GiB`,
      );
      idle.push(await managers.call('idle'));
      for (let cohort = 0; cohort < COHORTS; cohort += 1) {
        expiring.push(await managers.call('expire', { count }));
      }
    }
    return [
      compare('sweep, nothing expires, ms', idle, { kind: 'at most', ratio: 1 / 1_000 }),
      compare('sweep, 1 % expires, ms', expiring),
    ];
  },
};
