/**
 * What an unused connection holds: the difference between a server full of them and the same server empty,
 * divided. Every connection has a user, and so a manager, of its own.
 */
import type { ClientCalls } from './client.ts';
import { type Bench, compare, type Pair } from './measure.ts';
import type { Laboratory } from './processes.ts';
import type { SubjectCalls } from './subject.ts';

export const idleMemory: Bench = {
  name: 'idle-memory',
  run: async (laboratory) => {
    const heap: Pair[] = [];
    const rss: Pair[] = [];
    // RSS grows by whole pages of a heap: one round differs from the next by a twentieth.
    const rounds = laboratory.quick ? 1 : 7;
    // Each takes a descriptor of the server and one of the client; 10,000 are more than some machines give.
    const connections = laboratory.quick ? 2_000 : 8_000;
    for (let round = 1; round <= rounds; round += 1) {
      laboratory.progress(`idle-memory: round ${round} of ${rounds}`);
      const baseline = await measure(laboratory, 'baseline', connections);
      const ours = await measure(laboratory, 'ours', connections);
      heap.push({ baseline: baseline.heap, ours: ours.heap });
      rss.push({ baseline: baseline.rss, ours: ours.rss });
    }
    laboratory.note(`idle-memory: ${connections} connections, each with a manager of its own`);
    return [
      compare('heap per idle connection, bytes', heap, { kind: 'at most', ratio: 1.5 }),
      compare('RSS per idle connection, bytes', rss, { kind: 'at most', ratio: 1.15 }),
    ];
  },
};

async function measure(
  laboratory: Laboratory,
  side: 'baseline' | 'ours',
  count: number,
): Promise<{ readonly heap: number; readonly rss: number }> {
  await using server = await laboratory.start<SubjectCalls>('subject', side, ['--expose-gc']);
  await using client = await laboratory.start<ClientCalls>('client', 'client');
  const port = await server.call('port');
  // What is made once for all, and compiled, is not what a connection costs.
  await client.call('cycle', { port, count: 200 });
  const empty = await server.call('memoryWhenEmpty');
  await client.call('open', { port, count });
  const full = await server.call('memory');
  const connected = await server.call('connected');
  if (connected !== count) throw new Error(`${count} connected, ${connected} are there`);
  return { heap: (full.heap - empty.heap) / count, rss: (full.rss - empty.rss) / count };
}
