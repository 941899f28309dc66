/**
 * The longest delay of the event loop while every connection is pinged once: the loop of the README of `ws`, and the
 * registry with its default interval. As many real sockets as there are descriptors for, since a write to the kernel is
 * most of what a ping costs, and streams in memory for the rest. Garbage collection counts: it is a delay like any.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { attach, WebSocketManagerRegistry } from '../src/index.ts';
import { beat, listen } from './baseline.ts';
import type { ClientCalls } from './client.ts';
import { openFake, Peers } from './fake-socket.ts';
import { type Bench, compare, median, type Pair } from './measure.ts';
import type { Laboratory } from './processes.ts';
import { userOf } from './user-of.ts';

interface Size {
  /** In memory. */
  readonly fakes: number;
  readonly intervalMs: number;
}

interface Delay {
  /** Of the event loop, while all connections were pinged. */
  readonly longestMs: number;
  /** The same of an event loop that does nothing, right before: what the machine adds. */
  readonly idleMs: number;
}

export const roles = {
  baseline: async () => {
    const server = createServer();
    const real = new WebSocketServer({ server });
    listen(real);
    // The interval says when the pings go out, not how: all at once. A long one would only be waited for.
    return watching(server, real, async ({ fakes }, peers) => {
      for (let index = 0; index < fakes; index += 1) openFake(real, peers);
      return () => beat(real, 1_000);
    });
  },

  ours: async () => {
    const server = createServer();
    const real = new WebSocketServer({ noServer: true });
    // The default, which is known when the registry is made.
    const registry = new WebSocketManagerRegistry();
    const identify = (request: IncomingMessage) => ({ userId: String(userOf(request)) });
    attach(registry, { server, webSocketServer: real, authenticate: identify });
    const inMemory = new WebSocketServer({ noServer: true });
    return watching(server, real, async ({ fakes, intervalMs }, peers) => {
      for (let index = 0; index < fakes; index += 1) {
        const manager = await registry.acquire(registry.contextFor({ userId: `fake-${index}` }));
        manager.connect(openFake(inMemory, peers));
      }
      return () => {
        // All clients have been silent for half an interval, and are pinged in the round that follows.
        const now = performance.now.bind(performance);
        performance.now = () => now() + intervalMs / 2;
      };
    });
  },
};

type Prepare = (size: Size, peers: Peers) => Promise<() => void>;

async function watching(server: Server, webSocketServer: WebSocketServer, prepare: Prepare) {
  let pongs = 0;
  let sockets = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port: () => port,
    measure: async (size: Size): Promise<Delay> => {
      for (const socket of webSocketServer.clients) {
        sockets += 1;
        socket.on('pong', () => {
          pongs += 1;
        });
      }
      const peers = new Peers();
      const begin = await prepare(size, peers);
      globalThis.gc?.();
      await sleep(200);
      const idleMs = await longestDelayMs(() => sleep(500));
      peers.pings = 0;
      pongs = 0;
      begin();
      const longestMs = await longestDelayMs(async () => {
        while (peers.pings < size.fakes || pongs < sockets) await sleep(50);
      });
      return { longestMs, idleMs };
    },
  };
}

async function longestDelayMs(during: () => Promise<void>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await during();
  delays.disable();
  return delays.max / 1e6;
}

/** Real sockets that there are descriptors for, each of the server's and the client's process. */
function descriptors(): number {
  const report: { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } } =
    Object(process.report.getReport());
  const soft = Number(report.userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? Math.max(0, soft - 1_000) : Number.POSITIVE_INFINITY;
}

export const pingDelay: Bench = {
  name: 'ping-delay',
  run: async (laboratory) => {
    const connections = laboratory.quick ? 5_000 : 50_000;
    const real = Math.min(laboratory.quick ? 1_000 : 15_000, descriptors());
    const size: Size = { fakes: connections - real, intervalMs: 30_000 };
    const delays: Pair[] = [];
    const idle: number[] = [];
    const rounds = laboratory.quick ? 1 : 3;
    for (let round = 1; round <= rounds; round += 1) {
      laboratory.progress(`ping-delay: round ${round} of ${rounds}`);
      const baseline = await measure(laboratory, 'baseline', size, real);
      const ours = await measure(laboratory, 'ours', size, real);
      delays.push({ baseline: baseline.longestMs, ours: ours.longestMs });
      idle.push(baseline.idleMs, ours.idleMs);
    }
    laboratory.note(
      `ping-delay: ${real} connections on loopback and ${size.fakes} in memory; ` +
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
  real: number,
): Promise<Delay> {
  await using server = await laboratory.start<Awaited<ReturnType<(typeof roles)['ours']>>>(
    'ping-delay',
    side,
    ['--expose-gc'],
  );
  await using client = await laboratory.start<ClientCalls>('client', 'client');
  const port = await server.call('port');
  await client.call('open', { port, count: real });
  return await server.call('measure', size);
}
