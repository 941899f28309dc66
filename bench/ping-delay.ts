/**
 * The longest delay of the event loop while every connection is pinged once: the loop of the README of `ws`, and the
 * registry with its default interval. Both over the same streams in memory. Garbage collection counts: it is a delay like any.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketManagerRegistry } from '../src/index.ts';
import { beat, listen } from './baseline.ts';
import { makeServer, openFake, Peers } from './fake-socket.ts';
import { type Bench, compare, median, type Pair } from './measure.ts';
import type { Laboratory } from './processes.ts';

interface Size {
  readonly connections: number;
  readonly intervalMs: number;
}

interface Delay {
  /** Of the event loop, while everybody was pinged. */
  readonly longestMs: number;
  /** The same of an event loop that does nothing, right before: what the machine adds. */
  readonly idleMs: number;
}

export const roles = {
  baseline: () => ({
    measure: async ({ connections }: Size): Promise<Delay> => {
      const server = makeServer();
      const peers = new Peers();
      listen(server);
      for (let index = 0; index < connections; index += 1) openFake(server, peers);
      // The interval says when the pings go out, not how: all at once. A long one would only be waited for.
      return watch(peers, connections, () => beat(server, 1_000));
    },
  }),

  ours: () => ({
    measure: async ({ connections, intervalMs }: Size): Promise<Delay> => {
      const server = makeServer();
      const peers = new Peers();
      const registry = new WebSocketManagerRegistry({ heartbeatIntervalMs: intervalMs });
      for (let index = 0; index < connections; index += 1) {
        const userId = `user-${index}`;
        const manager = await registry.acquire(registry.contextFor({ userId }));
        manager.connect(openFake(server, peers));
      }
      return watch(peers, connections, () => {
        // Everybody has been silent for half an interval, and is pinged in the round that follows.
        const now = performance.now.bind(performance);
        performance.now = () => now() + intervalMs / 2;
      });
    },
  }),
};

async function watch(peers: Peers, connections: number, begin: () => void): Promise<Delay> {
  globalThis.gc?.();
  await sleep(200);
  const idleMs = await longestDelayMs(() => sleep(500));
  if (peers.pings > 0) throw new Error('pinged before it was measured');
  begin();
  const longestMs = await longestDelayMs(async () => {
    while (peers.pings < connections) await sleep(50);
  });
  return { longestMs, idleMs };
}

async function longestDelayMs(during: () => Promise<void>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await during();
  delays.disable();
  return delays.max / 1e6;
}

export const pingDelay: Bench = {
  name: 'ping-delay',
  run: async (laboratory) => {
    const size: Size = laboratory.quick
      ? { connections: 10_000, intervalMs: 10_000 }
      : { connections: 50_000, intervalMs: 30_000 };
    const delays: Pair[] = [];
    const idle: number[] = [];
    const rounds = laboratory.quick ? 1 : 3;
    for (let round = 1; round <= rounds; round += 1) {
      laboratory.progress(`ping-delay: round ${round} of ${rounds}`);
      const baseline = await measure(laboratory, 'baseline', size);
      const ours = await measure(laboratory, 'ours', size);
      delays.push({ baseline: baseline.longestMs, ours: ours.longestMs });
      idle.push(baseline.idleMs, ours.idleMs);
    }
    laboratory.note(
      `ping-delay: ${size.connections} connections in memory, interval ${size.intervalMs} ms; ` +
        `longest delay of an idle event loop here ${median(idle).toFixed(1)} ms`,
    );
    const target = { kind: 'at most', ratio: 1 / 10 } as const;
    return [compare('longest event-loop delay while all are pinged, ms', delays, target)];
  },
};

async function measure(
  laboratory: Laboratory,
  side: keyof typeof roles,
  size: Size,
): Promise<Delay> {
  await using process = await laboratory.start<ReturnType<(typeof roles)['ours']>>(
    'ping-delay',
    side,
    ['--expose-gc'],
  );
  return await process.call('measure', size);
}
