/** Whether runs leave anything behind in their process: the heap after 2,000 of them and after 10,000. */
import { type Bench, compare } from './measure.ts';
import { readMemory } from './memory.ts';

/** Until then the growing is of compiled code. */
const FIRST = 2_000;
const LAST = 10_000;

export const roles = {
  runs: async () => {
    const { simulatedChatter } = await import('./simulated-chatter.ts');
    let seed = 0;
    return {
      heapAfter: async ({ runs }: { readonly runs: number }) => {
        while (seed < runs) {
          seed += 1;
          await simulatedChatter(seed);
        }
        return (await readMemory()).heap;
      },
    };
  },
};

export const simMemory: Bench = {
  name: 'sim-memory',
  run: async (laboratory) => {
    const scale = laboratory.quick ? 10 : 1;
    laboratory.progress(`sim-memory: ${LAST / scale} runs`);
    await using process = await laboratory.start<Awaited<ReturnType<(typeof roles)['runs']>>>(
      'sim-memory',
      'runs',
      ['--expose-gc'],
    );
    const baseline = await process.call('heapAfter', { runs: FIRST / scale });
    const ours = await process.call('heapAfter', { runs: LAST / scale });
    const name = `heap after ${LAST / scale} runs, beside ${FIRST / scale}, bytes`;
    return [compare(name, [{ baseline, ours }], { kind: 'at most', ratio: 1.05 })];
  },
};
