/**
 * What an event costs in the simulator with few and with many connections open: the registry with all of its
 * invariants, the same tabs saying the same in the same time while the others are only there, and are pinged.
 */
import { type Bench, compare, type Pair } from './measure.ts';

const FEW = 10;
const MANY = 10_000;

export const roles = {
  crowd: async () => {
    const { eventUs } = await import('./simulated-crowd.ts');
    return { eventUs: ({ connections }: { readonly connections: number }) => eventUs(connections) };
  },
};

export const simScale: Bench = {
  name: 'sim-scale',
  run: async (laboratory) => {
    const pairs: Pair[] = [];
    const rounds = laboratory.quick ? 1 : 3;
    await using process = await laboratory.start<Awaited<ReturnType<(typeof roles)['crowd']>>>(
      'sim-scale',
      'crowd',
    );
    // Until everything is compiled.
    await process.call('eventUs', { connections: FEW });
    for (let round = 1; round <= rounds; round += 1) {
      laboratory.progress(`sim-scale: round ${round} of ${rounds}`);
      const baseline = await process.call('eventUs', { connections: FEW });
      const ours = await process.call('eventUs', { connections: MANY });
      pairs.push({ baseline, ours });
    }
    const name = `simulated event with ${MANY} connections, beside ${FEW}, us`;
    return [compare(name, pairs, { kind: 'at most', ratio: 1.3 })];
  },
};
