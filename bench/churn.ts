/**
 * CPU time of the server for one connection: open, upgrade, a message there and back, close, and whatever is left to do
 * until nothing is left. Both servers are up at once and take turns of a few hundred connections, so that a busy
 * machine is as busy for one as for the other. Connections come at one rate, which neither is hard pressed by: a server
 * that a client waits for pays for waking it up with each write, and one that waits for its client does not, which
 * would be a difference between the machines' schedules and not between the servers.
 */
import type { ClientCalls } from './client.ts';
import { type Bench, compare, type Pair } from './measure.ts';
import type { Laboratory, Process } from './processes.ts';
import type { SubjectCalls } from './subject.ts';

export const churn: Bench = {
  name: 'churn',
  run: async (laboratory) => {
    const rounds: Pair[] = [];
    const count = laboratory.quick ? 1 : 3;
    for (let round = 1; round <= count; round += 1) {
      laboratory.progress(`churn: round ${round} of ${count}`);
      rounds.push(await measure(laboratory));
    }
    const target = { kind: 'at most', ratio: 1.1 } as const;
    return [compare('server CPU per open and close, us', rounds, target)];
  },
};

async function measure(laboratory: Laboratory): Promise<Pair> {
  const { warmUp, turns, turnLength } = laboratory.quick
    ? { warmUp: 2_000, turns: 4, turnLength: 300 }
    : { warmUp: 40_000, turns: 6, turnLength: 400 };
  await using baseline = await laboratory.start<SubjectCalls>('subject', 'baseline');
  await using ours = await laboratory.start<SubjectCalls>('subject', 'ours');
  await using client = await laboratory.start<ClientCalls>('client', 'client');
  // Compiling, which another thread does for tens of thousands of connections, is not what a connection costs.
  for (const server of [baseline, ours]) {
    await client.call('cycle', { port: await server.call('port'), count: warmUp });
  }
  const sum = { baseline: 0, ours: 0 };
  for (let turn = 0; turn < turns; turn += 1) {
    // First and second by turns, since the second one finds a client that is a little warmer.
    const order =
      turn % 2 === 0 ? (['baseline', 'ours'] as const) : (['ours', 'baseline'] as const);
    for (const side of order) {
      sum[side] += await cpuUsOf(side === 'ours' ? ours : baseline, client, turnLength);
    }
  }
  return { baseline: sum.baseline / turns, ours: sum.ours / turns };
}

/** Connections a second: a fraction of what either server can do. */
const RATE = 300;

/** For one connection. */
async function cpuUsOf(
  server: Process<SubjectCalls>,
  client: Process<ClientCalls>,
  count: number,
): Promise<number> {
  const port = await server.call('port');
  const before = await server.call('cpuMs');
  await client.call('cycle', { port, count, perSecond: RATE });
  return ((await server.call('cpuMs')) - before) * (1_000 / count);
}
