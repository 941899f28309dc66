/**
 * Whether connections leave anything behind: the heap of the server after garbage collection, over many connections on
 * real sockets, a tenth of which are cut off, with a regression line.
 */
import type { ClientCalls } from './client.ts';
import { type Bench, regression } from './measure.ts';
import type { SubjectCalls } from './subject.ts';

const SAMPLES = 100;
/** Connections before the first sample, until what is compiled and made once for all is there. */
const WARM_UP = 5_000;
/**
 * Share of the heap by which the line may rise from the first sample to the last, its 95 % interval included. The engine's own
 * tables and compiled code still grow a little; what each connection leaves behind would be far more.
 */
const RISE_MAX = 0.02;

export const soak: Bench = {
  name: 'soak',
  onlyOnRequest: true,
  run: async (laboratory) => {
    const connections = laboratory.quick ? 10_000 : 100_000;
    const count = connections / SAMPLES;
    await using server = await laboratory.start<SubjectCalls>('subject', 'ours', ['--expose-gc']);
    await using client = await laboratory.start<ClientCalls>('client', 'client');
    const port = await server.call('port');
    laboratory.progress('soak: warming up');
    await client.call('cycle', { port, count: WARM_UP, cutOffEvery: 10 });
    const points: [number, number][] = [];
    for (let sample = 1; sample <= SAMPLES; sample += 1) {
      await client.call('cycle', { port, count, cutOffEvery: 10 });
      const { heap } = await server.call('memoryWhenEmpty');
      points.push([sample * count, heap]);
      laboratory.progress(`soak: ${sample} %, heap ${heap} bytes`);
    }
    const { slope, uncertainty } = regression(points);
    const [first, last] = [points[0]?.[1] ?? 0, points.at(-1)?.[1] ?? 0];
    const slopeMax = (RISE_MAX * first) / connections;
    const isFlat = slope + uncertainty < slopeMax;
    laboratory.note(
      `soak: ${connections} connections after ${WARM_UP} to warm up; ${isFlat ? 'flat' : 'not flat'}: ` +
        `${slope.toFixed(2)} ± ${uncertainty.toFixed(2)} bytes per connection (95 %), heap from ${first} to ${last} bytes`,
    );
    return [
      {
        name: 'heap that a connection leaves behind, bytes',
        ours: slope,
        target: `less than ${slopeMax.toFixed(2)}`,
        verdict: isFlat ? 'met' : 'missed',
      },
    ];
  },
};
